import Delivery

/// Simulated microseconds since the start of a run.
typealias Time = Int64

extension Time {
    /// The database's clock at the start of a run.
    static let epoch: Int64 = 1_700_000_000_000_000

    static func seconds(_ count: Int) -> Time { Time(count) * 1_000_000 }
    static func milliseconds(_ count: Int) -> Time { Time(count) * 1000 }

    /// What the database's clock says.
    var instant: Instant { Instant(microseconds: Time.epoch + self) }

    init(_ instant: Instant) { self = instant.microseconds - Time.epoch }

    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

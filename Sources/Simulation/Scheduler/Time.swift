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

/// The one source of chance in a run: the same seed gives the same numbers on every machine.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x632B_E59B_D9B4_E019
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The seed of another source, which takes nothing from this one.
    var fork: UInt64 {
        var copy = self
        return copy.next()
    }

    /// True `percent` times in a hundred.
    mutating func chance(_ percent: Int) -> Bool { pick(0..<100) < percent }

    mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[pick(0..<choices.count)] }
}

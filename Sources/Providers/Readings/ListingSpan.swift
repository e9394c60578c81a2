import Delivery
import HTTPTransport

/// When a message that is looked for in a listing was created, by the provider's clock.
struct ListingSpan {
    /// The intent's time.
    let begunAt: Instant
    /// What was created before this is not the one.
    let earliest: Instant
    /// What was created after this is not the one either; nil when nothing tells how far the clocks are apart.
    let latest: Instant?

    /// A creation time has whole seconds, and a provider has several machines.
    private static let tolerance = Duration.seconds(15)
    /// From the intent to the creation at most: 5 s to the first byte, and what a provider may take to read a request. Less
    /// than the earliest that an attempt is given up and repeated after, with the usual timing.
    private static let patience = Duration.seconds(60)
    /// When nothing tells how far the clocks are apart.
    private static let blindTolerance = Duration.seconds(300)

    /// Another message just like it, by somebody whom nobody could account for, may be minutes older. The less of that time is
    /// allowed for the clocks, the less can be mistaken. `repliedAt` may be later than it was: then the whole span is earlier
    /// by that.
    init(begunAt: Instant, notBefore: Instant?, repliedAt: Instant?, result: HTTPResult) {
        guard let repliedAt, case .answered(let response) = result, let sentAt = response.sentAt else {
            self.begunAt = begunAt
            let tolerated = begunAt.advanced(by: .zero - Self.blindTolerance)
            earliest = notBefore.map { max($0, tolerated) } ?? tolerated
            latest = nil
            return
        }
        let ahead = repliedAt.duration(to: sentAt)
        self.begunAt = begunAt.advanced(by: ahead)
        latest = self.begunAt.advanced(by: Self.patience + Self.tolerance)
        let tolerated = self.begunAt.advanced(by: .zero - Self.tolerance)
        earliest = notBefore.map { max($0.advanced(by: ahead), tolerated) } ?? tolerated
    }

    /// From one intent to another at least, when no message can lie in the spans of both; nil when nothing tells how far the
    /// clocks are apart.
    var reach: Duration? { latest == nil ? nil : Self.patience + Self.tolerance * 2 }

    func contains(_ created: Instant) -> Bool {
        created >= earliest && latest.map { created <= $0 } ?? true
    }
}

/// Which failed callbacks are made again. Twilio's is set by the URL's fragment, `#rc=5&rp=all&ct=3000`.
/// Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
struct RetryPolicy: Sendable, Equatable {
    /// Attempts after the first.
    var count = 1
    /// Any of `4xx`, `5xx`, `ct`, `rt`, `all`.
    var causes: Set<String> = ["ct"]
    /// Milliseconds to connect, 100…10000.
    var connectTimeout = 5000
    /// Milliseconds for everything, 100…15000.
    var totalTimeout = 15_000

    /// SendGrid retries a batch on anything but a 2xx; real retries go on for 24 hours.
    static let eventBatch = {
        var policy = RetryPolicy()
        (policy.count, policy.causes) = (8, ["all"])
        return policy
    }()

    init() {}

    /// Reads the fragment of a callback URL; values out of range are ignored, as the provider does.
    init(fragment: Substring) {
        for pair in fragment.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let number = Int(parts[1])
            switch (parts[0], number) {
            case ("rc", .some(let value)) where (0...5).contains(value): count = value
            case ("ct", .some(let value)) where (100...10_000).contains(value): connectTimeout = value
            case ("tt", .some(let value)) where (100...15_000).contains(value): totalTimeout = value
            case ("rp", _): causes = Set(parts[1].split(separator: ",").map(String.init))
            default: continue
            }
        }
    }

    /// Whether `attempt` (from 0) ended in a way that is tried again.
    func retries(after reply: CallbackReply, attempt: Int) -> Bool {
        guard attempt < count, !reply.isSuccess else { return false }
        let cause =
            switch reply {
            case .answered(let status, _): status >= 500 ? "5xx" : "4xx"
            case .notConnected: "ct"
            case .timedOut, .failed: "rt"
            }
        return causes.contains("all") || causes.contains(cause)
    }

    /// Unscaled seconds before attempt `attempt + 1`: doubling, at most 4 s.
    func delay(after attempt: Int) -> Double { min(4, 0.5 * Double(1 << min(attempt, 8))) }
}

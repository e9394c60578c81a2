/// One rung: a channel, how long to wait for a receipt, and what counts as having got through.
public struct LadderStep: Sendable, Hashable {
    public var channel: Channel
    /// Counted from the provider's acceptance; for SMS also the validity period. 5 s to 10 h.
    public var wait: Duration
    public var success: SuccessLevel
    /// Attempts of this step, the first included; 1 to 20.
    public var maxAttempts: Int
    /// Nil: by category.
    public var onUnknown: UnknownPolicy?

    public init(
        channel: Channel, wait: Duration, success: SuccessLevel, maxAttempts: Int = 5, onUnknown: UnknownPolicy? = nil
    ) {
        self.channel = channel
        self.wait = wait
        self.success = success
        self.maxAttempts = maxAttempts
        self.onUnknown = onUnknown
    }

    /// The one step of a `send` job, with the waits people expect of each channel.
    public static func single(_ channel: Channel, wait: Duration? = nil) -> LadderStep {
        switch channel {
        case .sms: LadderStep(channel: .sms, wait: wait ?? .seconds(3600), success: .delivered)
        case .whatsapp: LadderStep(channel: .whatsapp, wait: wait ?? .seconds(3600), success: .delivered)
        case .voice: LadderStep(channel: .voice, wait: wait ?? .seconds(300), success: .answered)
        case .email: LadderStep(channel: .email, wait: wait ?? .seconds(36_000), success: .delivered)
        }
    }
}

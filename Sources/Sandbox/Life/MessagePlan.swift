/// Draws the life of a message from its fate. Times are what a carrier usually takes, in unscaled seconds.
enum MessagePlan {
    static func steps(
        sms fate: SMSFate, isService: Bool, reply: Reply, using generator: inout SeededGenerator
    ) -> [Step] {
        var steps = sending(isService: isService, using: &generator)
        switch fate {
        case .unreachable: steps.append(undelivered(30003, using: &generator))
        case .landline: steps.append(undelivered(30006, using: &generator))
        case .filtered: steps.append(undelivered(30007, using: &generator))
        case .silent: break
        case .delivered, .throttled, .slow, .outcomeUnknown, .invalid, .optedOut:
            steps.append(delivered(using: &generator))
            steps += answer(reply, using: &generator)
        }
        return steps
    }

    /// `isFreeForm` outside the 24-hour window fails whatever the fate, as on the real channel.
    static func steps(
        whatsApp fate: WhatsAppFate, isService: Bool, isFreeForm: Bool, windowIsOpen: Bool, reply: Reply,
        using generator: inout SeededGenerator
    ) -> [Step] {
        var steps = sending(isService: isService, using: &generator)
        if isFreeForm, !windowIsOpen || fate == .windowClosed {
            return steps + [undelivered(63016, using: &generator)]
        }
        switch fate {
        case .notUser: steps.append(undelivered(63024, using: &generator))
        case .rateLimited: steps.append(undelivered(63018, using: &generator))
        case .optedOut: steps.append(undelivered(63033, using: &generator))
        case .silent: break
        case .read, .windowClosed, .throttled, .slow, .outcomeUnknown, .invalid:
            steps.append(delivered(using: &generator))
            let reading = Double.random(in: 2...6, using: &generator)
            steps.append(Step(delay: reading, change: .message(.read, errorCode: nil)))
            steps += answer(reply, using: &generator)
        }
        return steps
    }

    private static func sending(isService: Bool, using generator: inout SeededGenerator) -> [Step] {
        let first = Double.random(in: 0.1...0.3, using: &generator)
        let second = Double.random(in: 0.1...0.4, using: &generator)
        let queued = isService ? [Step(delay: 0.1, change: .message(.queued, errorCode: nil))] : []
        return queued + [
            Step(delay: first, change: .message(.sending, errorCode: nil)),
            Step(delay: second, change: .message(.sent, errorCode: nil)),
        ]
    }

    private static func delivered(using generator: inout SeededGenerator) -> Step {
        Step(delay: .random(in: 0.8...2.5, using: &generator), change: .message(.delivered, errorCode: nil))
    }

    private static func undelivered(_ code: Int, using generator: inout SeededGenerator) -> Step {
        Step(delay: .random(in: 1...3, using: &generator), change: .message(.undelivered, errorCode: code))
    }

    private static func answer(_ reply: Reply, using generator: inout SeededGenerator) -> [Step] {
        let body =
            switch reply {
            case .none: nil as String?
            case .yes: "YES"
            case .stop: "STOP"
            }
        return body.map { [Step(delay: .random(in: 3...8, using: &generator), change: .reply(body: $0))] } ?? []
    }
}

extension SandboxWorld {
    /// Whether the request is struck before it is accepted, and how it is answered otherwise.
    /// - Throws: `HangUp`, or the error `provider` makes of a status code.
    func strike(path: String, to: String, provider: ErrorShape) throws -> ReplyManner {
        // The account's concurrency: what is under way is bounded.
        guard timetable.count < 1_000_000 else { throw provider.tooManyRequests }
        var manner = ReplyManner()
        for index in faults.indices where faults[index].matches(path: path, to: to) {
            guard isStruck(by: &faults[index], to: to) else { continue }
            let fault = faults[index]
            switch fault.kind {
            case .tooManyRequests: throw provider.tooManyRequests
            case .errorBeforeAccept: throw provider.internalError
            case .resetBeforeAccept: throw HangUp()
            case .delay: manner.delay += .seconds(fault.seconds)
            case .errorAfterAccept: manner.mishap = .serverError
            case .resetAfterAccept: manner.mishap = .hangUp
            case .halfReply: manner.mishap = .halfReply
            case .garbage: manner.mishap = .garbage
            case .duplicateCallbacks: manner.disturbance.duplicates = true
            case .reorderCallbacks: manner.disturbance.reorders = true
            case .loseCallbacks: manner.disturbance.lostFraction = fault.fraction
            case .earlyCallbacks: manner.isLate = true
            }
        }
        return manner
    }

    private func isStruck(by fault: inout Fault, to: String) -> Bool {
        if fault.probability < 1 {
            // A stream of its own, so that adding a fault changes no other draw.
            var generator = generator(for: "fault \(fault.id) \(to)")
            guard Double.random(in: 0..<1, using: &generator) < fault.probability else { return false }
        }
        fault.struck += 1
        fault.remaining = fault.remaining.map { $0 - 1 }
        return true
    }

    /// Refuses the first three requests of a throttled address.
    func throttle(_ channel: String, _ address: String, provider: ErrorShape) throws {
        let key = channel + " " + address
        guard throttles[key, default: 0] < 3 else { return }
        throttles[key, default: 0] += 1
        throw provider.tooManyRequests
    }
}

/// Whose error shapes a refusal takes.
enum ErrorShape: Sendable {
    case twilio, sendGrid

    /// One second is what a client is asked to wait.
    var tooManyRequests: any Error {
        switch self {
        case .twilio: TwilioError.tooManyRequests(retryAfter: 1)
        case .sendGrid: SendGridError.tooManyRequests(retryAfter: 1)
        }
    }

    var internalError: any Error {
        switch self {
        case .twilio: TwilioError.internalError
        case .sendGrid: SendGridError.internalError
        }
    }
}

import Delivery

/// A job of the ladder sms (20 s), voice (60 s), email (1 h), at one look.
struct LookCase {
    static let start = Instant(microseconds: 1_000_000_000)
    static let ladder = Ladder(steps: [
        LadderStep(channel: .sms, wait: .seconds(20), success: .delivered, maxAttempts: 3),
        LadderStep(channel: .voice, wait: .seconds(60), success: .answered, maxAttempts: 3),
        LadderStep(channel: .email, wait: .seconds(3_600), success: .delivered, maxAttempts: 3),
    ])

    var events: [RecordedEvent] = []
    var timing = Timing()

    static func at(_ seconds: Int) -> Instant { start.advanced(by: .seconds(seconds)) }

    /// The attempts so far, each by the seconds of its intent, its step and what is known of it.
    init(_ attempts: [(begun: Int, step: Int, events: [JobEvent])] = []) {
        for (index, attempt) in attempts.enumerated() {
            for event in [.intent(token: "t\(index + 1)")] + attempt.events {
                events.append(
                    RecordedEvent(
                        jobID: 7, generation: index + 1, step: attempt.step, at: Self.at(attempt.begun), event))
            }
        }
    }

    func view(_ reason: DueReason, _ generation: Int, step: Int = 0, isBegun: Bool = false) -> JobView {
        JobView(
            id: 7, generation: generation, reason: reason, step: step, ladderID: 3, ladder: Self.ladder,
            category: .alert, channel: Self.ladder.steps[step].channel, senderID: 5, isBegun: isBegun,
            seenAt: Self.start, history: JobHistory(events))
    }

    func look(
        _ reason: DueReason, _ generation: Int, step: Int = 0, isBegun: Bool = false, at seconds: Int
    ) -> Look {
        Look(at: view(reason, generation, step: step, isBegun: isBegun), timing: timing, now: Self.at(seconds))
    }

    func inquiry(_ reason: DueReason, _ generation: Int, step: Int = 0, at seconds: Int) -> Inquiry {
        let view = view(reason, generation, step: step)
        return Inquiry(about: view, timing: timing, now: Self.at(seconds))
    }
}

extension Look {
    var conclusion: Conclusion {
        var random = SystemRandomNumberGenerator()
        return conclude(using: &random)
    }
}

let accepted = JobEvent.answered(.accepted(providerID: "SM1"))

func receipt(_ level: SuccessLevel) -> JobEvent {
    .receipt(.init(status: level.rawValue, .reached(level), providerID: "SM1"))
}

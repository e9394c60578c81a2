/// Why a call that a provider holds is to be ended.
public enum EndReason: String, Sendable, CaseIterable, Codable {
    /// The person does not want to be called.
    case optedOut = "opted_out"
    /// The job or its campaign was canceled.
    case canceled
    /// Another way got through, or the ladder went on.
    case notNeeded = "not_needed"

    /// How the job ends for this reason; nil when it ends, or goes on, by other rules.
    var outcome: Outcome? {
        switch self {
        case .optedOut: .optedOut
        case .canceled: .canceled
        case .notNeeded: nil
        }
    }

    var words: String {
        switch self {
        case .optedOut: "the person opted out while the call waited"
        case .canceled: "it was canceled while the call waited"
        case .notNeeded: "it is not needed any more"
        }
    }
}

/// An attempt whose call nobody waits for any more.
public struct CallEnd: Sendable, Hashable {
    public var jobID: Int
    public var generation: Int

    public init(jobID: Int, generation: Int) {
        self.jobID = jobID
        self.generation = generation
    }
}

/// The provider's answer to "end this call".
public enum EndAnswer: Sendable, Hashable {
    /// It will not ring, or rings no longer.
    case ended
    /// The provider still holds it, in its own word.
    case held(String)
    /// It was answered before, or is over, in the provider's own word.
    case tooLate(String)
    /// No readable answer; asking again does no harm.
    case unavailable(reason: String, retryAfter: Duration?)
}

/// What is to be done about a call that must not ring: asked for, waited for, or given up. Facts in, one step out.
public enum CallEnding: Sendable, Hashable {
    /// The provider is asked to end it.
    case ask(providerID: String)
    /// Nothing can be done yet.
    case wait(Duration)
    /// Nothing is left to be done.
    case over(JobEvent.EndStage, reason: String)

    /// Twilio ends a queued call by itself after a day: after this nothing is tried any more.
    private static let limit = Duration.seconds(86_400)
    private static let (firstPause, longestPause) = (Duration.milliseconds(250), Duration.seconds(60))

    /// - Parameters:
    ///   - attempt: nil when nothing is known of it.
    ///   - providerID: the provider's id of the call, once it is known.
    ///   - waited: since somebody asked for the end.
    public init(of attempt: Attempt?, providerID: String?, waited: Duration) {
        switch attempt?.phase {
        case .notSent, .skipped: self = .over(.ended, reason: "no call was made")
        case .failed where providerID == nil: self = .over(.ended, reason: "no call was made")
        case .failed, .arrived: self = .over(.tooLate, reason: "the call was over")
        case .open, .unanswered, .underway, nil:
            if waited > Self.limit {
                self = .over(.tooLate, reason: "the provider could not be asked for a day")
            } else if let providerID {
                self = .ask(providerID: providerID)
            } else {
                // As long as it has taken: the request is on its way at first, and a callback may name a lost call later.
                self = .wait(min(max(Self.firstPause, waited / 4), Self.longestPause))
            }
        }
    }

    /// What follows from the provider's answer.
    /// - Parameter tries: how often it was asked.
    public init(after answer: EndAnswer, tries: Int) {
        switch answer {
        case .ended: self = .over(.ended, reason: "the provider ended the call before it was answered")
        case .tooLate(let word): self = .over(.tooLate, reason: "the provider says \(word)")
        case .held: self = .wait(Self.pause(after: tries))
        case .unavailable(_, let wait): self = .wait(max(Self.pause(after: tries), wait ?? .zero))
        }
    }

    private static func pause(after tries: Int) -> Duration {
        min(firstPause * (1 << min(max(tries, 1), 8)), longestPause)
    }
}

extension Look {
    /// Calls that the provider may still place, or ring, although nobody waits for them: the job got through another way, is
    /// over, or the ladder goes on. A call has no validity period, so it must be ended. One whose answer is not known is ended
    /// once it is, unless the same step is tried again: it may turn out that it was taken after all.
    public func callsToEnd(by conclusion: Conclusion) -> [CallEnd] {
        let through = facts.through
        let isOver = conclusion.events.contains { if case .ended = $0.event { true } else { false } }
        let goesOn = conclusion.events.contains(where: \.event.endsAttempt)
        let goesOnward =
            isOver
            || conclusion.events.contains { event in
                if case .decided(.escalate, _, _) = event.event { true } else { false }
            }
        return facts.attempts.compactMap { attempt in
            guard job.channel(of: attempt) == .voice, attempt.generation != through?.generation,
                through != nil || isOver || goesOn && attempt.generation == job.generation
            else { return nil }
            switch attempt.phase {
            case .underway: break
            case .open, .unanswered:
                guard through != nil || goesOnward, job.history.begun.contains(attempt.generation) else { return nil }
            case .notSent, .skipped, .failed, .arrived: return nil
            }
            return CallEnd(jobID: job.id, generation: attempt.generation)
        }
    }
}

extension Action {
    /// The same, unless the attempt is ended for a reason that ends its job: then nothing follows it, whatever the ladder has.
    func ending(_ attempt: Attempt) -> Action {
        guard let end = attempt.toEnd, let outcome = end.outcome else { return self }
        switch self {
        case .nothing, .wait, .hold, .finish(.delivered, _): return self
        case .retry, .escalate, .finish: break
        }
        switch attempt.phase {
        case .unanswered: return .finish(.unknown, reason: end.words)
        case .underway: return .finish(.unconfirmed, reason: end.words)
        case .open, .notSent, .skipped, .failed, .arrived: return .finish(outcome, reason: end.words)
        }
    }
}

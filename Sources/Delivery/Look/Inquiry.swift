/// What to ask the provider before a job is decided: facts, reason and time in, a question out.
public enum Inquiry: Sendable, Hashable {
    /// Nothing: what is known decides.
    case decide
    /// Nothing yet: an answer so soon would say what the last one said.
    case later(Instant)
    /// What became of messages that the provider has.
    case poll(Poll)
    /// Whether the provider has the message of an attempt that nobody can account for. A message that was created before
    /// `notBefore` is an earlier attempt's.
    case list(Attempt, notBefore: Instant?)

    /// Whose messages are asked about.
    public struct Poll: Sendable, Hashable {
        /// The attempt whose receipt is waited for: an earlier one, when its repeat was stopped because it had been taken.
        public var awaited: Attempt
        /// Earlier attempts that the provider still has. One may get through late, and then nothing more is needed.
        public var others: [Attempt]
        /// Whether the wait is over, or nearly: what is not learnt now counts as no news.
        public var isLast: Bool
        /// How long ago the wait ended; negative while it is not over.
        public var overdue: Duration
    }

    /// How long before the end of the wait a question counts as the last: it may have to queue.
    private static let queueing = Duration.seconds(10)

    public init(about job: JobView, timing: Timing, now: Instant) {
        let facts = job.facts
        guard let attempt = facts.attempt(job.generation), !facts.isEnded, !attempt.isContinued, facts.through == nil
        else {
            self = .decide
            return
        }
        switch (job.reason, attempt.phase) {
        case (.receipt, .notSent)
        where attempt.isRateLimited && facts.taken(before: attempt.generation, of: attempt.step) == nil:
            self = .decide
        case (.receipt, .underway), (.receipt, .arrived), (.receipt, .notSent):
            self = .poll(Poll(of: attempt, facts: facts, timing: timing, now: now))
        case (.reconcile, .unanswered) where !attempt.isHeld:
            let earliest = attempt.listedAt?.advanced(by: timing.listingSpacing)
            if let earliest, now < earliest {
                self = .later(earliest)
            } else {
                self = .list(attempt, notBefore: facts.beginningOfMessages(of: attempt))
            }
        case (.dispatch, _), (.resume, _), (.decide, _), (.receipt, _), (.reconcile, _):
            self = .decide
        }
    }
}

extension Inquiry.Poll {
    fileprivate init(of attempt: Attempt, facts: JobFacts, timing: Timing, now: Instant) {
        let taken = facts.taken(before: attempt.generation, of: attempt.step)
        let awaited = attempt.phase == .notSent ? taken ?? attempt : attempt
        self.awaited = awaited
        others = facts.attempts.filter { other in
            guard case .underway = other.phase else { return false }
            return other.generation < attempt.generation && other.generation != awaited.generation
                && timing.canAsk(about: facts.channel(of: other))
        }
        isLast = facts.isWaitOver(for: awaited, at: now, within: Inquiry.queueing)
        overdue = facts.endOfWait(for: awaited).duration(to: now)
    }
}

extension Timing {
    /// Whether a provider can be asked what became of one message.
    func canAsk(about channel: Channel) -> Bool { channel.isPhone || pollsMail }
}

extension JobFacts {
    /// Until when a receipt of the attempt is waited for.
    func endOfWait(for attempt: Attempt) -> Instant {
        let end = (attempt.acceptedAt ?? attempt.begunAt).advanced(by: step(of: attempt).wait)
        // A call has no validity period: nobody may be rung up when the job's time is over.
        guard channel(of: attempt) == .voice, let expiresAt else { return end }
        return min(end, expiresAt)
    }

    /// The timer was set by another clock than the one that dated the acceptance: that is what `slack` is for.
    func isWaitOver(for attempt: Attempt, at now: Instant, within slack: Duration = .seconds(1)) -> Bool {
        now.advanced(by: slack) >= endOfWait(for: attempt)
    }

    /// From when on a message that looks like the attempt's belongs to it. Two attempts whose messages look alike may both
    /// be unaccounted for: a message belongs to the one whose intent is nearer to it.
    func beginningOfMessages(of attempt: Attempt) -> Instant? {
        let before = attempts.last { earlier in
            earlier.generation < attempt.generation && earlier.phase == .unanswered
                && channel(of: earlier) == channel(of: attempt)
        }
        return before.map { $0.begunAt.advanced(by: $0.begunAt.duration(to: attempt.begunAt) / 2) }
    }

    /// Why an attempt must send nothing: word of an earlier one came between the decision to go on and the take. Nil when it
    /// may send.
    func reasonToWithdraw(_ generation: Int, of step: Int) -> String? {
        if through != nil { return "an earlier attempt got through meanwhile" }
        if taken(before: generation, of: step) != nil { return "the message that it repeats had been taken after all" }
        return nil
    }
}

// MARK: What the answers say

extension Look {
    /// How often a listing that cannot be had is tried before the attempt counts as one that nobody can account for.
    private static let failedListingLimit = 4
    /// How long a message waits at least that could not be asked about in time.
    private static let crowdedPause = Duration.seconds(10)
    /// For how long after its wait it is asked about later, before each look counts as one without an answer.
    private static let crowdedLimit = Duration.seconds(3_600)

    /// Takes in that the provider was asked. While the wait is not over, that only brings news forward.
    public mutating func learnAsked(_ poll: Inquiry.Poll) {
        isPolled = true
        if !facts.isWaitOver(for: poll.awaited, at: now) { reason = .decide }
    }

    /// Takes in that the provider gave no readable answer about the message that is waited for.
    public mutating func learnUnread(_ poll: Inquiry.Poll, because why: String) {
        guard timing.canAsk(about: job.channel), facts.isWaitOver(for: poll.awaited, at: now) else { return }
        learn(
            .reconciled(.unread(attempt.failedPolls + 1, reason: "the provider could not be asked: \(why)")))
    }

    /// Takes in that more wait for an answer than can be asked about in time. A message with a next step goes on to it, as
    /// if no answer had come. One without is asked about later: to wait in a queue of ours is no silence of the provider. The
    /// longer it has waited, the longer it waits again, so that a crowd that grows costs ever fewer looks.
    public mutating func learnCrowded(_ poll: Inquiry.Poll, using random: inout some RandomNumberGenerator) {
        let isLastStep = facts.ladder.next(after: attempt.step, avoiding: facts.closedChannels) == nil
        guard isLastStep, timing.canAsk(about: job.channel), poll.overdue < Self.crowdedLimit else {
            learnAsked(poll)
            learnUnread(poll, because: "too many wait for an answer")
            return
        }
        let pause = max(Self.crowdedPause, poll.overdue) * Double.random(in: 1...2, using: &random)
        postpone(until: now.advanced(by: pause))
    }

    /// Takes in that a list of the provider's messages showed this one.
    public mutating func learnListed(_ providerID: String) {
        learn(.answered(.accepted(providerID: providerID, note: "found in the provider's listing")))
        isListed = true
    }

    /// Takes in that a list of the provider's messages did not show it.
    public mutating func learnNotListed() {
        learn(.reconciled(.listing(attempt.listings + 1, reason: "the provider's listing does not show it")))
    }

    /// Takes in that the list showed a message which may be another send's as well. It counts as one that did not show it:
    /// a callback settles both sends, or the policy for what cannot be known decides.
    public mutating func learnContested() {
        let reason = "the provider's listing shows a message that may be another send's"
        learn(.reconciled(.listing(attempt.listings + 1, reason: reason)))
    }

    /// Takes in that the provider's messages could not be listed. A list that will not be had counts as one that did not
    /// show the message: then the policy for what cannot be known decides.
    ///
    /// - Returns: whether no further list is tried for.
    public mutating func learnNoListing(because why: String) -> Bool {
        guard attempt.failedListings >= Self.failedListingLimit else {
            let reason = "the provider could not be asked: \(why)"
            learn(.reconciled(.unavailable(attempt.failedListings + 1, reason: reason)))
            postpone(until: now.advanced(by: timing.listingSpacing))
            return false
        }
        let reason = "the provider could not be asked for good: \(why)"
        learn(.reconciled(.listing(attempt.listings + 1, reason: reason)))
        return true
    }
}

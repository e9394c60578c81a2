import Delivery
import Testing

/// Phase × reason × position, for a ladder of SMS, voice and e-mail and for jobs of one step. Unknown sends, which ask
/// the policy, have a table of their own; all else is the same under every policy.
@Suite("What follows from a phase")
struct DecisionTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var phase: AttemptPhase
        var reasons: [DueReason]
        /// At the SMS, with voice and e-mail to come.
        var first: Verdict
        /// At the e-mail, the last step.
        var last: Verdict
        /// At the SMS of a job that has no other step.
        var single: Verdict

        init(_ phase: AttemptPhase, _ reasons: [DueReason], first: Verdict, last: Verdict, single: Verdict) {
            self.phase = phase
            self.reasons = reasons
            self.first = first
            self.last = last
            self.single = single
        }

        var testDescription: String { "\(phase), looked at for \(reasons.map(\.rawValue).joined(separator: ", "))" }
    }

    static let any = DueReason.allCases
    static let early: [DueReason] = [.dispatch, .resume, .decide, .reconcile]
    static let late: [DueReason] = [.receipt]

    static let rows: [Row] = [
        Row(.open, any, first: .nothing, last: .nothing, single: .nothing),
        Row(.unanswered, any, first: .wait(.reconcile), last: .wait(.reconcile), single: .wait(.reconcile)),
        Row(.notSent, any, first: .retry, last: .retry, single: .retry),

        Row(.skipped(.noAddress), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.noSender), any, first: .escalate(1), last: .finish(.exhausted), single: .hold),
        Row(.skipped(.capped), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.noConsent), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.invalidNumber), any, first: .escalate(2), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.prefixBlocked), any, first: .escalate(2), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(
            .skipped(.countryNotAllowed), any, first: .escalate(2), last: .finish(.exhausted),
            single: .finish(.exhausted)),
        Row(.skipped(.deadNumber), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.noTextLine), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.riskyNumber), any, first: .escalate(2), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.routeClosed), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.windowClosed), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.sealBroken), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.noContent), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.skipped(.optedOut), any, first: .escalate(1), last: .finish(.optedOut), single: .finish(.optedOut)),

        Row(.underway(.accepted), early, first: .wait(.receipt), last: .wait(.receipt), single: .wait(.receipt)),
        Row(
            .underway(.accepted), late, first: .escalate(1), last: .finish(.unconfirmed),
            single: .finish(.unconfirmed)),
        Row(.underway(.sent), early, first: .wait(.receipt), last: .wait(.receipt), single: .wait(.receipt)),
        Row(.underway(.sent), late, first: .escalate(1), last: .finish(.unconfirmed), single: .finish(.unconfirmed)),

        Row(.arrived(.voicemail), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(
            .arrived(.delivered), any, first: .finish(.delivered), last: .finish(.delivered),
            single: .finish(.delivered)),
        Row(
            .arrived(.answered), any, first: .finish(.delivered), last: .finish(.delivered), single: .finish(.delivered)
        ),
        Row(.arrived(.read), any, first: .finish(.delivered), last: .finish(.delivered), single: .finish(.delivered)),

        // The same step again.
        Row(.failed(.transient), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.uncertain), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.rateLimited), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.quietHours), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.configuration), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.credentials), any, first: .retry, last: .retry, single: .retry),
        // By another sender.
        Row(.failed(.wrongSender), any, first: .retry, last: .retry, single: .retry),
        Row(.failed(.unregistered), any, first: .retry, last: .retry, single: .retry),

        // The next step at once.
        Row(.failed(.unreachable), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.filtered), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.windowClosed), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.expired), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.unroutable), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.content), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.noAnswer), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.unknown), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),
        // A landline can still be called.
        Row(.failed(.landline), any, first: .escalate(1), last: .finish(.exhausted), single: .finish(.exhausted)),

        Row(
            .failed(.channelOptedOut), any, first: .escalate(1), last: .finish(.optedOut), single: .finish(.optedOut)),

        // No phone channel any more: the call is passed over, the mail is not.
        Row(.failed(.invalidAddress), any, first: .escalate(2), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.fraudBlock), any, first: .escalate(2), last: .finish(.exhausted), single: .finish(.exhausted)),
        Row(.failed(.optedOut), any, first: .escalate(2), last: .finish(.optedOut), single: .finish(.optedOut)),
    ]

    @Test("a block of texts leads to a call, and for marketing to the mail", arguments: Delivery.Category.allCases)
    func blocked(_ category: Delivery.Category) {
        let situation = Situation.first(.failed(.blocked), category: category)
        #expect(Verdict(situation.action()) == .escalate(category == .marketing ? 2 : 1))
        #expect(Verdict(Situation.last(.failed(.blocked), category: category).action()) == .finish(.exhausted))
    }

    @Test("each phase, reason and position has its action, under every category and policy", arguments: rows)
    func table(_ row: Row) {
        let policies: [UnknownPolicy?] = [nil] + UnknownPolicy.allCases
        for category in Category.allCases {
            for (situation, expected) in [
                (Situation.first(row.phase, category: category), row.first),
                (Situation.last(row.phase, category: category), row.last),
                (Situation.single(.sms, row.phase, category: category), row.single),
            ] {
                for (reason, policy) in row.reasons.flatMap({ reason in policies.map { (reason, $0) } }) {
                    var situation = situation
                    for step in situation.ladder.steps.indices {
                        situation.ladder.steps[step].onUnknown = policy
                    }
                    let verdict = Verdict(situation.action(reason))
                    #expect(verdict == expected, "\(category), \(policy.map(\.rawValue) ?? "by category"), \(reason)")
                }
            }
        }
    }

    @Test("the table has one row for every phase there can be, and every reason")
    func complete() {
        let pairs = Self.rows.flatMap { row in row.reasons.map { "\(row.phase) \($0)" } }
        #expect(Set(pairs).count == pairs.count)
        let apart: Set<AttemptPhase> = [.failed(.blocked)]  // It hangs on the category.
        let reachable = Set(PhaseOracle.reachable).subtracting(apart)
        #expect(Set(Self.rows.map(\.phase)) == reachable)
        #expect(pairs.count == reachable.count * DueReason.allCases.count)
    }

    @Test("an ended job is left alone, whatever is said of it", arguments: PhaseOracle.phases)
    func ended(_ phase: AttemptPhase) {
        for reason in DueReason.allCases {
            for var situation in [Situation.first(phase), .last(phase), .single(.email, phase)] {
                situation.isEnded = true
                #expect(situation.action(reason) == .nothing)
            }
        }
    }

    @Test("a due row of an attempt that is not the last, is continued or never began changes nothing")
    func stale() {
        for phase in PhaseOracle.reachable where phase.level.map({ $0 < .delivered }) ?? true {
            for reason in DueReason.allCases {
                let last = Situation.last(phase)
                for generation in [0, 1, 2, 4, -1] {
                    #expect(last.action(reason, generation: generation) == .nothing)
                }
                var continued = Situation.first(phase)
                continued.attempts[0].isContinued = true
                #expect(continued.action(reason) == .nothing)
                #expect(Situation().action(reason) == .nothing)
            }
        }
    }
}

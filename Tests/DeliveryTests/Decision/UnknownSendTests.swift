import Delivery
import Testing

@Suite("Sends nobody can account for")
struct UnknownSendTests {
    struct Row: Sendable {
        var categories: [Delivery.Category]
        /// Nil: the step does not say.
        var policy: UnknownPolicy?
        var first: Verdict
        var last: Verdict
        /// Once the step was resent already.
        var resentFirst: Verdict
        var resentLast: Verdict
    }

    static let rows: [Row] = [
        Row(
            categories: [.otp, .alert], policy: nil, first: .resend, last: .resend, resentFirst: .escalate(1),
            resentLast: .finish(.unknown)),
        Row(
            categories: [.transactional], policy: nil, first: .escalate(1), last: .hold, resentFirst: .escalate(1),
            resentLast: .hold),
        Row(
            categories: [.marketing], policy: nil, first: .escalate(1), last: .finish(.unknown),
            resentFirst: .escalate(1), resentLast: .finish(.unknown)),
        Row(
            categories: Category.allCases, policy: .resend, first: .resend, last: .resend, resentFirst: .escalate(1),
            resentLast: .finish(.unknown)),
        Row(
            categories: Category.allCases, policy: .hold, first: .hold, last: .hold, resentFirst: .hold,
            resentLast: .hold),
        Row(
            categories: Category.allCases, policy: .next, first: .escalate(1), last: .finish(.unknown),
            resentFirst: .escalate(1), resentLast: .finish(.unknown)),
        Row(
            categories: Category.allCases, policy: .end, first: .finish(.unknown), last: .finish(.unknown),
            resentFirst: .finish(.unknown), resentLast: .finish(.unknown)),
    ]

    /// A job at the step `position`, its last attempt listed `listings` times without being found.
    private func unknown(
        _ category: Delivery.Category, policy: UnknownPolicy?, isLast: Bool, isResent: Bool, listings: Int = 2
    ) -> Situation {
        var situation =
            isLast ? Situation.last(.unanswered, category: category) : .first(.unanswered, category: category)
        let index = situation.attempts.count - 1
        situation.ladder.steps[situation.attempts[index].step].onUnknown = policy
        if isResent {
            var again = situation.attempts[index]
            situation.attempts[index].isContinued = true
            again.generation += 1
            again.isResend = true
            situation.attempts.append(again)
        }
        situation.attempts[situation.attempts.count - 1].listings = listings
        return situation
    }

    @Test("after two listings the step's policy decides, else the category's", arguments: rows)
    func table(_ row: Row) {
        for category in row.categories {
            for (isLast, isResent, expected) in [
                (false, false, row.first), (true, false, row.last), (false, true, row.resentFirst),
                (true, true, row.resentLast),
            ] {
                let situation = unknown(category, policy: row.policy, isLast: isLast, isResent: isResent)
                #expect(
                    Verdict(situation.action(.reconcile)) == expected,
                    "\(category), last: \(isLast), resent: \(isResent)")
            }
        }
    }

    @Test("before two listings nothing is decided, under any policy")
    func patience() {
        let policies: [UnknownPolicy?] = [nil] + UnknownPolicy.allCases
        for category in Category.allCases {
            for policy in policies {
                for (reason, listings) in DueReason.allCases.flatMap({ reason in [0, 1].map { (reason, $0) } }) {
                    for isLast in [false, true] {
                        let situation = unknown(
                            category, policy: policy, isLast: isLast, isResent: false, listings: listings)
                        let wait = listings == 0 ? situation.timing.firstListing : situation.timing.listingSpacing
                        #expect(
                            situation.action(reason) == .wait(until: situation.now.advanced(by: wait), for: .reconcile),
                            "\(reason) after \(listings) listings")
                    }
                }
            }
        }
    }

    @Test("an earlier step that a provider took makes the end unconfirmed, not unknown")
    func endAfterTaken() {
        var situation = unknown(.otp, policy: .end, isLast: true, isResent: false)
        situation.attempts[0].phase = .underway(.sent)
        #expect(Verdict(situation.action(.reconcile)) == .finish(.unconfirmed))
    }

    @Test("a resend goes at once, and says that it is one")
    func resendAtOnce() {
        let situation = unknown(.otp, policy: nil, isLast: false, isResent: false)
        guard case .retry(let at, _, let isResend) = situation.action(.reconcile) else {
            Issue.record("no resend")
            return
        }
        #expect(at == situation.now)
        #expect(isResend)
    }

    @Test(
        "a repeat that was stopped because the message had been taken after all waits for that one's receipts",
        arguments: DueReason.allCases)
    func takenAfterAll(_ reason: DueReason) {
        var situation = unknown(.otp, policy: .resend, isLast: false, isResent: true)
        situation.attempts[0] = Situation.attempt(1, step: 0, .underway(.sent), isContinued: true)
        situation.attempts[1].phase = .notSent
        situation.now = Situation.time(30)
        // The step's 60 s, from the acceptance.
        #expect(situation.action(reason) == .wait(until: Situation.time(60.5), for: .receipt) || reason == .receipt)
        situation.now = Situation.time(61)
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
        situation.attempts[0].phase = .arrived(.delivered)
        situation.attempts[0].reached = .delivered
        #expect(Verdict(situation.action(reason)) == .finish(.delivered))
    }

    @Test("a message that stopped its repeat is asked about as often as any other, and no more")
    func takenAfterAllUnread() {
        var situation = unknown(.otp, policy: .resend, isLast: true, isResent: true)
        situation.attempts[2] = Situation.attempt(3, step: 2, .underway(.sent), isContinued: true)
        situation.attempts[3].phase = .notSent
        situation.now = Situation.time(4_000)
        situation.isUnread = true
        for polls in 1...situation.timing.failedPollLimit {
            situation.attempts[3].failedPolls = polls
            #expect(Verdict(situation.action(.receipt)) == .wait(.receipt), "\(polls)")
        }
        situation.attempts[3].failedPolls += 1
        #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
    }

    @Test("a step is resent once and only once, also when retries lie between")
    func resendOnce() {
        var situation = unknown(.otp, policy: .resend, isLast: false, isResent: true)
        situation.attempts[1].phase = .failed(.transient)
        situation.attempts[1].isContinued = true
        var third = Situation.attempt(3, step: 0, .unanswered)
        third.listings = 2
        situation.attempts.append(third)
        #expect(Verdict(situation.action(.reconcile)) == .escalate(1))
    }

    @Test("a resend of one step leaves the next step its own")
    func resendOfAnotherStep() {
        var situation = unknown(.otp, policy: nil, isLast: false, isResent: true)
        situation.attempts[1].isContinued = true
        var call = Situation.attempt(3, step: 1, .unanswered)
        call.listings = 2
        situation.attempts.append(call)
        #expect(Verdict(situation.action(.reconcile)) == .resend)
    }

    @Test("a held send waits for a person, whatever it is looked at for")
    func held() {
        var situation = unknown(.transactional, policy: .hold, isLast: false, isResent: false)
        situation.attempts[0].isHeld = true
        for reason in DueReason.allCases {
            #expect(situation.action(reason) == .nothing)
        }
        situation.attempts[0].learn(.reached(.delivered), at: situation.now)
        #expect(Verdict(situation.action()) == .finish(.delivered))
    }

    @Test("a late callback settles it without a policy", arguments: [.otp, .transactional] as [Delivery.Category])
    func lateCallback(_ category: Delivery.Category) {
        var situation = unknown(category, policy: nil, isLast: false, isResent: false)
        situation.attempts[0].learn(.reached(.sent), at: Situation.time(30))
        #expect(situation.action(.reconcile) == .wait(until: Situation.time(90), for: .receipt))
    }
}

import Delivery
import JobQueue
import Providers
import Synchronization

/// How much less this worker sends because a provider asks for it: to the account, or by one sender. For all its loops.
final class SendThrottles: Sendable {
    private struct State {
        var accounts: [ProviderName: Throttle] = [:]
        var senders: [Int: Throttle] = [:]
        /// The loops that had more to send than was let through.
        var wanting: [Signal] = []
    }

    private let clock: WorkClock
    private let start: ContinuousClock.Instant
    private let state = Mutex(State())

    init(clock: WorkClock) {
        self.clock = clock
        start = clock.now
    }

    // MARK: Taking

    /// Takes up to `wanted` sends of a lane from what may begin now, and says how many. When those are fewer, `signal` is
    /// woken by the next success; a pause that ends is seen by the loop's own polls.
    func allow(_ wanted: Int, of lane: LaneState, waking signal: Signal) -> Int {
        guard wanted > 0, let sender = lane.sender else { return wanted }
        let now = seconds(clock.now)
        return state.withLock { state in
            let ofAccount = state.accounts[sender.channel.provider, default: Throttle()]
                .allow(wanted, isUrgent: lane.isUrgent, at: now)
            let count = state.senders[sender.id, default: Throttle()].allow(
                ofAccount, isUrgent: lane.isUrgent, at: now)
            state.accounts[sender.channel.provider]?.giveBack(ofAccount - count, isUrgent: lane.isUrgent, at: now)
            if count < wanted, !state.wanting.contains(where: { $0 === signal }) { state.wanting.append(signal) }
            return count
        }
    }

    /// So many of what was allowed did not begin.
    func giveBack(_ count: Int, of lane: LaneState) {
        guard count > 0, let sender = lane.sender else { return }
        let now = seconds(clock.now)
        state.withLock { state in
            state.accounts[sender.channel.provider]?.giveBack(count, isUrgent: lane.isUrgent, at: now)
            state.senders[sender.id]?.giveBack(count, isUrgent: lane.isUrgent, at: now)
        }
    }

    // MARK: Sending

    /// The answer to a send that must not leave now; nil when it may. The provider is not asked.
    func heldBack(_ job: TakenJob, by sender: Int) -> SendReading? {
        let now = seconds(clock.now)
        let wait = state.withLock { state in
            let isUrgent = Urgency.priorities.contains(job.priority)
            let ofSender = state.senders[sender]?.heldBack(isUrgent: isUrgent, at: now)
            return ofSender ?? state.accounts[job.channel.provider]?.heldBack(isUrgent: isUrgent, at: now)
        }
        return wait.map { .notSent(reason: "held_back", retryAfter: .seconds($0), isRateLimited: true) }
    }

    /// A send that began at `begunAt` was answered.
    func answered(_ job: TakenJob, by sender: Int, begunAt: ContinuousClock.Instant, _ answer: SendReading) {
        let (begunAt, now) = (seconds(begunAt), seconds(clock.now))
        var random = clock.random
        let wanting = state.withLock { state -> [Signal] in
            let account = job.channel.provider
            switch (answer, answer.speedLimit) {
            case (_, .account):
                let wait = answer.wait.map { $0 / .seconds(1) }
                state.accounts[account, default: Throttle()]
                    .refused(begunAt: begunAt, at: now, wait: wait, using: &random)
                return []
            case (_, .sender):
                state.senders[sender, default: Throttle()].refused(begunAt: begunAt, at: now, wait: nil, using: &random)
                return []
            case (.accepted, nil), (.refused, nil):
                state.senders[sender, default: Throttle()].wentThrough(begunAt: begunAt, at: now)
                state.accounts[account, default: Throttle()].wentThrough(begunAt: begunAt, at: now)
                defer { state.wanting = [] }
                return state.wanting
            case (.notSent, nil), (.unknown, nil):
                return []  // It says nothing of what the provider would take.
            }
        }
        for signal in wanting { signal.wake() }
    }

    private func seconds(_ instant: ContinuousClock.Instant) -> Double { (instant - start) / .seconds(1) }
}

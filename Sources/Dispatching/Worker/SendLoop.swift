import Delivery
import JobQueue
import Logging
import Synchronization

/// Claims due sends and carries them out until told to stop, then waits for those in flight.
struct SendLoop: Sendable {
    let store: any WorkStore
    let runner: SendRunner
    let recorder: Recorder
    let leases: LeaseLedger
    let identity: WorkerIdentity
    let configuration: WorkerConfiguration
    let slots: Slots
    let signal: Signal
    let senders: Mutexed<[SenderState]>
    let logger: Logger

    func run() async {
        await withDiscardingTaskGroup { jobs in
            var book = LaneBook()
            var looks = 0
            for await _ in signal.stream {
                // The floor is exact but for rows that a rolled-back claim gave back: those a sweep finds.
                if looks % 4_000 == 0 { book.forgetFloors() }
                let isSweep = looks % 20 == 0
                looks += 1
                book.update(senders.value)
                for (sender, cost) in runner.debts.collect() { book.owe(cost, sender: sender) }
                await claimAll(&book, sweeping: isSweep, into: &jobs)
            }
        }
    }

    private func claimAll(_ book: inout LaneBook, sweeping: Bool, into jobs: inout DiscardingTaskGroup) async {
        do {
            for lane in try await store.lanesDue(book.floors(sweeping: sweeping)) {
                try await claim(lane, &book, sweeping: sweeping, into: &jobs)
            }
        } catch {
            // Nothing is claimed; the jobs in flight go on, and the next look tries again.
            logger.warning("Could not claim sends", metadata: ["error": "\(error)"])
        }
    }

    private func claim(
        _ lane: Lane, _ book: inout LaneBook, sweeping: Bool, into jobs: inout DiscardingTaskGroup
    ) async throws(StoreError) {
        let limit = min(slots.available, configuration.batch)
        guard limit > 0 else { return }
        let claimedAt = ContinuousClock.now  // Before the intent is taken, so the fence is never late.
        let allowance = book.allowance(for: lane)
        let claim = try await store.claimSends(
            lane, from: book.floor(of: lane, sweeping: sweeping), limit: limit, worker: identity.id,
            allowance: allowance)
        book.claimed(claim, in: lane)
        guard let lease = claim.leaseID, !claim.jobs.isEmpty else { return }
        leases.begin(lease, jobs: claim.jobs.count)
        slots.take(claim.jobs.count)
        DispatchMetrics.claimed(claim.jobs.count)
        var spent = 0
        for job in claim.jobs {
            let sendAt = claimedAt + Self.pace(spent, allowance)
            spent += job.cost
            jobs.addTask {
                defer { slots.release() }
                try? await Task.sleep(until: sendAt, clock: .continuous)  // Cut short, it only sends early.
                let record = await runner.run(job, claimedAt: claimedAt)
                await recorder.record(record, lease: lease)
            }
        }
        if claim.jobs.count == limit { signal.wake() }
    }

    /// Spreads a window's sends over the window.
    private static func pace(_ spent: Int, _ allowance: RateAllowance?) -> Duration {
        guard let allowance, allowance.perWindow > 1 else { return .zero }
        let share = Double(min(spent, allowance.perWindow)) / Double(allowance.perWindow)
        return .milliseconds(Int(share * Double(min(allowance.windowMilliseconds, 1000)) * 0.9))
    }
}

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
    let clock: WorkClock
    let logger: Logger

    func run() async {
        await withDiscardingTaskGroup { jobs in
            var book = LaneBook()
            var sweeps = SweepSchedule()
            for await _ in signal.stream {
                let look = sweeps.next(at: clock.now)
                if look == .everything { book.forgetFloors() }
                book.update(senders.value.filter { configuration.channels.contains($0.channel) })
                for (sender, cost) in runner.debts.collect() { book.owe(cost, sender: sender) }
                await claimAll(&book, sweeping: look == .sweep, into: &jobs)
            }
        }
    }

    private func claimAll(_ book: inout LaneBook, sweeping: Bool, into jobs: inout DiscardingTaskGroup) async {
        let lanes: [Lane]
        do {
            lanes = try await store.lanesDue(book.floors(sweeping: sweeping))
        } catch {
            // Nothing is claimed; the jobs in flight go on, and the next look tries again.
            logger.warning("Could not look for due sends", metadata: ["error": "\(error)"])
            return
        }
        for lane in lanes {
            do {
                try await claim(lane, &book, sweeping: sweeping, into: &jobs)
            } catch {
                // One lane that fails must not hide those after it.
                logger.warning(
                    "Could not claim sends", metadata: ["error": "\(error)", "lane": "\(lane.rawValue)"])
            }
        }
    }

    private func claim(
        _ lane: Lane, _ book: inout LaneBook, sweeping: Bool, into jobs: inout DiscardingTaskGroup
    ) async throws(StoreError) {
        let limit = min(slots.available, configuration.batch)
        guard limit > 0, !signal.isFinished else { return }
        let claimedAt = clock.now  // Before the intent is taken, so the fence is never late.
        let allowance = book.allowance(for: lane)
        let claim = try await store.claimSends(
            lane, from: book.floor(of: lane, sweeping: sweeping), limit: limit, worker: identity.id,
            allowance: allowance)
        book.claimed(claim, in: lane)
        if claim.taken == limit { signal.wake() }
        guard let lease = claim.leaseID, !claim.jobs.isEmpty else { return }
        guard leases.begin(lease, jobs: claim.jobs.count) else { return }
        slots.take(claim.jobs.count)
        WorkerMetrics.claimed(claim.jobs.count)
        var spent = 0
        for job in claim.jobs {
            let sendAt = claimedAt + Self.pace(spent, allowance)
            spent += job.cost
            jobs.addTask {
                defer { slots.release() }
                try? await clock.sleep(until: sendAt)  // Cut short, it only sends early.
                let record = await runner.run(job, claimedAt: claimedAt)
                await recorder.record(record, lease: lease)
            }
        }
    }

    /// Spreads a window's sends over the window.
    private static func pace(_ spent: Int, _ allowance: RateAllowance?) -> Duration {
        guard let allowance, allowance.perWindow > 1 else { return .zero }
        let share = Double(min(spent, allowance.perWindow)) / Double(allowance.perWindow)
        return .milliseconds(Int(share * Double(min(allowance.windowMilliseconds, 1000)) * 0.9))
    }
}

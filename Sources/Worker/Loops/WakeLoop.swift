import Delivery
import JobQueue
import Logging

/// Claims wake-ups that send nothing (receipts, timers, reconciliations) and looks at their jobs, until told to stop.
struct WakeLoop: Sendable {
    let store: any WorkStore
    let runner: WakeRunner
    let recorder: Recorder
    let leases: LeaseLedger
    let identity: WorkerIdentity
    let configuration: WorkerConfiguration
    let slots: Slots
    let signal: Signal
    let clock: WorkClock
    let logger: Logger

    func run() async {
        await withDiscardingTaskGroup { jobs in
            var book = LaneBook()
            var sweeps = SweepSchedule()
            for await _ in signal.stream {
                let look = sweeps.next(at: clock.now)
                if look == .everything { book.forgetFloors() }
                await claim(&book, sweeping: look == .sweep, into: &jobs)
            }
        }
    }

    private func claim(_ book: inout LaneBook, sweeping: Bool, into jobs: inout DiscardingTaskGroup) async {
        let limit = min(slots.available, configuration.batch)
        guard limit > 0, !signal.isFinished else { return }
        let claimedAt = clock.now
        do {
            let claim = try await store.claimWakes(
                from: book.floor(of: .wakes, sweeping: sweeping), limit: limit, worker: identity.id)
            book.claimed(claim, in: .wakes)
            if claim.taken == limit { signal.wake() }
            guard let lease = claim.leaseID, !claim.jobs.isEmpty else { return }
            guard leases.begin(lease, jobs: claim.jobs.count) else { return }
            slots.take(claim.jobs.count)
            for job in claim.jobs {
                jobs.addTask {
                    defer { slots.release() }
                    let record = await runner.run(job, claimedAt: claimedAt)
                    await recorder.record(record, lease: lease)
                }
            }
        } catch {
            logger.warning("Could not claim wake-ups", metadata: ["error": "\(error)"])
        }
    }
}

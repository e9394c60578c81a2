import Delivery
import JobQueue
import Logging
import Synchronization

/// Ends calls that a provider holds and nobody wants any more: after a STOP, a cancel, or another way that got through.
///
/// It looks four times a second and does not wait for one call before it asks for another, so a provider that hangs on one
/// delays no other. A worker that dies leaves its calls to the others; to be asked twice does a call no harm.
struct EndLoop: Sendable {
    /// Requests at once, beside those of sends and questions.
    static let atOnce = 16
    private static let interval = Duration.milliseconds(250)
    /// Longer than a provider's answer may take.
    private static let patience = Duration.seconds(40)

    let store: any EndStore
    let provider: any MessageProvider
    let identity: WorkerIdentity
    let clock: WorkClock
    let logger: Logger

    /// The requests that may still begin.
    private final class Slots: Sendable {
        private let left = Mutex(EndLoop.atOnce)

        var free: Int { left.withLock { $0 } }

        func change(by difference: Int) { left.withLock { $0 += difference } }
    }

    /// Until cancelled.
    func run() async {
        let slots = Slots()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for order in await take(slots.free) {
                    slots.change(by: -1)
                    group.addTask {
                        await end(order)
                        slots.change(by: 1)
                    }
                }
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    private func take(_ count: Int) async -> [EndOrder] {
        guard count > 0 else { return [] }
        do {
            return try await store.takeEnds(atMost: count, patience: Self.patience)
        } catch {
            logger.warning("Could not look for calls to be ended", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func end(_ order: EndOrder) async {
        var came = order.ending
        if case .ask(let id) = came {
            came = CallEnding(after: await provider.end(id, on: .voice), tries: order.tries)
        }
        do {
            try await store.settleEnds([SettledEnd(order, came)], worker: identity.id)
        } catch {
            // Whoever takes it next asks again.
            logger.warning(
                "Could not write down what came of ending a call",
                metadata: ["job.id": "\(order.jobID)", "error": "\(error)"])
        }
    }
}

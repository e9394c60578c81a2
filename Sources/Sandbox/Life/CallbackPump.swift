import Logging
import ServiceLifecycle
import Synchronization

/// Makes the sandbox's callbacks when they are due, at most `maximumInFlight` at once.
struct CallbackPump: Service {
    static let maximumInFlight = 64
    let world: SandboxWorld
    let poster: any CallbackPoster
    let doorbell: Doorbell

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let inFlight = InFlight()
                while !Task.isCancelled {
                    let callbacks = await world.takeDue(.now, limit: Self.maximumInFlight - inFlight.count)
                    for callback in callbacks {
                        inFlight.add(1)
                        group.addTask {
                            await world.finished(callback, await poster.post(callback.request))
                            inFlight.add(-1)
                            doorbell.ring()
                        }
                    }
                    // Full or idle: either way the next thing to happen rings.
                    let isFull = inFlight.count >= Self.maximumInFlight
                    let next = isFull ? nil : await world.nextDue
                    await doorbell.wait(until: next ?? .now + .seconds(60))
                }
            }
        }
    }
}

/// Counts callbacks under way.
final class InFlight: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add(_ change: Int) { value.withLock { $0 += change } }
}

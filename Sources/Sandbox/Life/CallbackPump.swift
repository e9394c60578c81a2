import Logging
import ServiceLifecycle

/// Makes the simulation's callbacks when they are due, at most `maximumInFlight` at once.
struct CallbackPump: Service {
    static let maximumInFlight = 64
    let simulation: Simulation
    let poster: any CallbackPoster
    let doorbell: Doorbell

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let inFlight = InFlight()
                while !Task.isCancelled {
                    let callbacks = await simulation.takeDue(.now, limit: Self.maximumInFlight - inFlight.count)
                    for callback in callbacks {
                        inFlight.add(1)
                        group.addTask {
                            await simulation.finished(callback, await poster.post(callback.request))
                            inFlight.add(-1)
                            doorbell.ring()
                        }
                    }
                    // Full or idle: either way the next thing to happen rings.
                    let isFull = inFlight.count >= Self.maximumInFlight
                    let next = isFull ? nil : await simulation.nextDue
                    await doorbell.wait(until: next ?? .now + .seconds(60))
                }
            }
        }
    }
}

import Delivery
import JobQueue
import Logging
import Postgres
import Providers
import ServiceLifecycle
import Synchronization
import Worker

/// The providers as the `jobs.sql` of a release wants them: they take everything, and everything is delivered, save what a
/// number or an id says.
final class ExpectedFates: MessageProvider {
    private let accepted = Mutex<[Int: Int]>([:])

    /// How often each job's message was taken from the worker of the head.
    var acceptedByJob: [Int: Int] { accepted.withLock { $0 } }

    func send(_ message: OutboundMessage, notAfter: ContinuousClock.Instant) async throws(ContentError) -> SendReading {
        guard ContinuousClock.now < notAfter else {
            return .notSent(reason: "fence_passed", retryAfter: nil, isRateLimited: false)
        }
        accepted.withLock { $0[message.jobID, default: 0] += 1 }
        return .accepted(providerID: "SM\(message.jobID)-\(message.generation)", providerStatus: "queued")
    }

    func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        if providerID.hasPrefix("silent") { return .facts([]) }
        let level: SuccessLevel = channel == .voice ? .answered : .delivered
        return .facts([
            Receipt(
                status: level.rawValue, fact: .reached(level), codeTable: .twilio, defaultClass: .unknown,
                providerID: providerID)
        ])
    }

    func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        message.to.hasPrefix("+1999")
            ? .notFound : .found(providerID: "SMfound\(message.jobID)-\(message.generation)", receipts: [])
    }

    func end(_ providerID: String, on channel: Channel) async -> EndAnswer { .ended }

    func stopSending() {}

    /// Runs a worker of the head with these providers until `isDone`, then stops it as an operator does.
    func work(through pool: PostgresPool, until isDone: @Sendable () async throws -> Bool) async throws {
        var timing = Timing(
            backoff: Backoff(base: .milliseconds(20), cap: .milliseconds(100)), firstListing: .milliseconds(50),
            listingSpacing: .milliseconds(50), firstPoll: .milliseconds(50))
        timing.pollsMail = true
        let worker = WorkerService(
            store: JobStore(pool: pool), ends: JobStore(pool: pool), provider: self,
            configuration: WorkerConfiguration(
                pollInterval: .milliseconds(20), heartbeatInterval: .milliseconds(200), timing: timing,
                pollsPerSecond: 1_000),
            version: "head", logger: Logger(label: "test"))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: worker)], logger: Logger(label: "test")))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let end = ContinuousClock.now + .seconds(120)
            do {
                while try await !isDone(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

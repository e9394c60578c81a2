import Delivery
import Foundation
public import JobQueue
public import Logging
import Postgres
import Providers
public import ServiceLifecycle

/// Watches whether the database is still the one that the fleet sends from.
///
/// The fence is in the database: the statements that take work take none from a database that was restored or copied. It
/// is a trouble, and said as one. This service reads the providers' lists for messages that the database does not know. After a
/// failover that lost nothing it lets the fleet go on by itself. It also gives jobs their due row back that came without one.
public struct HomeWatch: Service {
    /// How often it looks; what stops sending is to be said within ten seconds.
    static let interval = Duration.seconds(2)
    /// From one search for jobs without a due row to the next.
    private static let mending = Duration.seconds(60)

    private let store: HomeStore
    private let source: any SentSource
    private let clock: WorkClock
    private let logger: Logger

    public init(store: HomeStore, source: any SentSource, clock: WorkClock = .system, logger: Logger) {
        self.store = store
        self.source = source
        self.clock = clock
        self.logger = logger
    }

    /// Looks until a graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var memory = Memory()
            while !Task.isCancelled {
                do throws(PostgresError) {
                    try await look(&memory)
                } catch {
                    if !Task.isCancelled {
                        logger.info("Could not look at the database's identity", metadata: ["error": "\(error)"])
                    }
                }
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    /// What one worker remembers between two looks.
    struct Memory: Sendable {
        let id = UUID().uuidString.lowercased()
        /// The number of the last look that the database confirmed; 0 before the first.
        var confirmed = 0
        /// Whether it has sent from this database, and so would know what it has forgotten.
        var wasHome = false
        /// What it remembered when it met a promotion.
        var remembered: Bool?
        var strayed: ContinuousClock.Instant?
    }

    /// One look, and what follows from it.
    func look(_ memory: inout Memory) async throws(PostgresError) {
        let sight = try await store.look(as: memory.id, number: memory.confirmed + 1)
        if memory.wasHome {
            memory.remembered = (sight.kept ?? 0) >= memory.confirmed
            memory.wasHome = sight.displacement == nil
        }
        memory.confirmed += 1
        if sight.displacement == nil {
            if memory.remembered == false, try await store.doubt(.forgetful) { return }
            (memory.wasHome, memory.remembered) = (true, nil)
        }
        if sight.displacement == .promoted, try await settle(sight, remembers: memory.remembered) {
            return
        }
        if sight.displacement != nil, sight.displacement != .promoted { try await witness() }
        if sight.displacement == nil { try await mend(&memory) }
    }

    /// - Returns: whether the fleet goes on.
    private func settle(_ sight: HomeStore.Sight, remembers: Bool?) async throws(PostgresError) -> Bool {
        try await witness()
        let ruling = PromotionRuling(remembers: remembers, witness: sight.witness)
        switch ruling {
        case .wait:
            return false
        case .doubt(let reason):
            _ = try await store.doubt(reason)
            return false
        case .goOn:
            guard try await store.notePromotion() else { return false }
            logger.notice("The database was promoted and lacks nothing: sending goes on")
            return true
        }
    }

    private func mend(_ memory: inout Memory) async throws(PostgresError) {
        guard memory.strayed.map({ clock.now - $0 >= Self.mending }) ?? true else { return }
        memory.strayed = clock.now
        let mended = try await store.mendStrays()
        guard mended > 0 else { return }
        logger.error(
            "Jobs without a due row got one. Were rows replicated, or inserted while triggers were off?",
            metadata: ["jobs": "\(mended)"])
    }

    // MARK: The providers' lists

    /// Pages of one list that one reading goes through at most.
    private static let pages = 50

    private func witness() async throws(PostgresError) {
        guard let since = try await store.claimWitness() else { return }
        var isWhole = true
        var fault: String?
        for list in source.lists {
            switch try await read(list, since: since) {
            case .read(let isCut): isWhole = isWhole && !isCut
            case .failed(let reason): fault = "\(list): \(reason)"
            }
        }
        if source.lists.isEmpty { fault = "no provider's account is set" }
        if let fault {
            logger.warning("A provider's list of sent messages cannot be had", metadata: ["reason": "\(fault)"])
        }
        try await store.endWitness(isWhole: isWhole && fault == nil, fault: fault)
    }

    private enum Reading {
        case read(isCut: Bool)
        case failed(String)
    }

    private func read(_ list: SentList, since: Instant) async throws(PostgresError) -> Reading {
        var next: String?
        for _ in 1...Self.pages {
            switch await source.sent(list, since: since, page: next) {
            case .unavailable(let reason):
                return .failed(reason)
            case .page(let messages, let following, let isCut):
                let late = messages.filter { $0.takenAt >= since }
                if !late.isEmpty { try await store.keep(late.map(HomeStore.Listed.init)) }
                guard let following, late.count == messages.count else { return .read(isCut: isCut) }
                next = following
            }
        }
        return .read(isCut: true)
    }
}

extension HomeStore.Listed {
    fileprivate init(_ message: SentMessage) {
        self.init(
            providerID: message.providerID, channel: message.channel, sender: message.sender,
            service: message.service, address: message.address, words: message.words, takenAt: message.takenAt)
    }
}

public import Delivery
public import Postgres
import Schema

/// Whether the database is still the one that the fleet sends from, as one worker asks it.
public struct HomeStore: Sendable {
    /// What one look found.
    public struct Sight: Sendable, Equatable {
        /// Why nothing may be sent; nil: all is well.
        public var displacement: Displacement?
        /// The number of the last look that the database holds; nil when it holds none of this worker.
        public var kept: Int?
        public var witness: PromotionRuling.Witness
    }

    /// A message as a provider's list shows it.
    public struct Listed: Sendable {
        public var providerID: String
        public var channel: Channel
        public var sender: String
        public var service: String?
        public var address: String
        /// The text, of a mail its subject; nil where the list shows none.
        public var words: String?
        public var takenAt: Instant

        public init(
            providerID: String, channel: Channel, sender: String, service: String?, address: String, words: String?,
            takenAt: Instant
        ) {
            self.providerID = providerID
            self.channel = channel
            self.sender = sender
            self.service = service
            self.address = address
            self.words = words
            self.takenAt = takenAt
        }
    }

    private let pool: PostgresPool

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Parameters:
    ///   - id: who looks, a UUID.
    ///   - number: rises with each look.
    public func look(as id: String, number: Int) async throws(PostgresError) -> Sight {
        guard let row = try await pool.fetch(.watchHome, [.uuid(id), .int(number)], deadline: .seconds(5)).first else {
            return Sight(displacement: .other, kept: nil, witness: .silent(isGivenUp: false))
        }
        let isGivenUp = try row.optionalString("fault") != nil
        return Sight(
            displacement: try row.optionalString("displacement").map { Displacement(word: $0) },
            kept: try row.optionalInt("kept"),
            witness: try row.bool("is_witnessed")
                ? .found(unknown: try row.int("unknown")) : .silent(isGivenUp: isGivenUp))
    }

    /// Takes on the reading of the providers' lists.
    /// - Returns: from when on the database may lack what was sent; nil when another worker reads, or it was done lately.
    public func claimWitness() async throws(PostgresError) -> Instant? {
        try await pool.fetch(.claimWitness).first?.optionalInt("since").map { Instant(microseconds: Int64($0)) }
    }

    /// Keeps those messages that the database does not know.
    public func keep(_ messages: [Listed]) async throws(PostgresError) {
        try await pool.execute(
            .keepWitness,
            [
                .textArray(messages.map(\.providerID)), .textArray(messages.map(\.channel.rawValue)),
                .textArray(messages.map(\.sender)), .textArray(messages.map(\.service)),
                .textArray(messages.map(\.address)), .textArray(messages.map(\.words)),
                .intArray(messages.map { Int($0.takenAt.microseconds) }),
            ])
    }

    /// - Parameter fault: what stood in the way; nil when the lists were read.
    public func endWitness(isWhole: Bool, fault: String?) async throws(PostgresError) {
        try await pool.execute(.endWitness, [.bool(isWhole), .text(fault)])
    }

    /// A promotion lost nothing. False when something else is amiss.
    public func notePromotion() async throws(PostgresError) -> Bool {
        try await pool.fetch(.notePromotion).first?.bool("is_noted") ?? false
    }

    /// From now on nothing is sent until an operator confirms. False when that was so already.
    public func doubt(_ reason: Displacement) async throws(PostgresError) -> Bool {
        try await pool.fetch(.doubtDatabase, [.text(reason.rawValue)]).first?.bool("is_doubted") ?? false
    }

    /// Gives jobs without a due row theirs back; every minute or more, whoever calls.
    ///
    /// The search is a transaction of its own, without a transaction id: it may take long, and no floor rises above one.
    /// - Returns: how many.
    public func mendStrays() async throws(PostgresError) -> Int {
        guard let after = try await pool.fetch(.beginStrayWalk).first?.int("after"),
            let found = try await pool.fetch(.findStrays, [.int(after)]).first
        else { return 0 }
        let strays = try found.intArray("strays")
        return try await pool.fetch(.endStrayWalk, [.intArray(strays), .int(try found.int("until"))])
            .first?.int("mended") ?? 0
    }
}

extension Statement {
    static let watchHome = Schema.statement("watch_home")
    static let claimWitness = Schema.statement("claim_witness")
    static let keepWitness = Schema.statement("keep_witness")
    static let endWitness = Schema.statement("end_witness")
    static let notePromotion = Schema.statement("note_promotion")
    static let doubtDatabase = Schema.statement("doubt_database")
    static let beginStrayWalk = Schema.statement("begin_stray_walk")
    static let findStrays = Schema.statement("find_strays")
    static let endStrayWalk = Schema.statement("end_stray_walk")
}

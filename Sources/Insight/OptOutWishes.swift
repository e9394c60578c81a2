public import Delivery
public import Postgres

/// Sentences of people that ask for no more messages, which an operator decides.
public struct OptOutWishes: Sendable {
    private let source: Source
    private let names: AddressNames

    private enum Source: Sendable {
        case pool(PostgresPool)
        case transaction(PostgresTransaction)
    }

    public init(_ database: PostgresPool, names: AddressNames = AddressNames()) {
        (source, self.names) = (.pool(database), names)
    }

    /// As a part of a transaction that says for whom it acts.
    public init(in transaction: PostgresTransaction) { (source, names) = (.transaction(transaction), AddressNames()) }

    /// Those that nobody has decided, the oldest first.
    /// - Parameter limit: 1 to 1,000.
    public func open(_ limit: Int) async throws(PostgresError) -> [OpenWish] {
        var wishes: [OpenWish] = []
        for row in try await fetch(.openWishes, [.int(limit)]) { wishes.append(try OpenWish(row, names)) }
        return wishes
    }

    /// Decides one, in the name of the login and of the person whom it acts for.
    /// - Returns: what follows, in words.
    /// - Throws: the refusals of `outrider.settle_wish`: it is unknown (P0002), decided already (55000), or has no reason (23514).
    public func settle(_ id: Int, stops: WishVerdict, reason: String) async throws(PostgresError) -> String {
        try await fetch(.settleWish, [.int(id), .text(stops.rawValue), .text(reason)]).first?.string("result") ?? ""
    }

    private func fetch(_ statement: Statement, _ parameters: [Parameter]) async throws(PostgresError) -> [Row] {
        switch source {
        case .pool(let pool): try await pool.fetch(statement, parameters)
        case .transaction(let transaction): try await transaction.fetch(statement, parameters)
        }
    }
}

/// What a sentence stops.
public enum WishVerdict: String, Sendable, CaseIterable {
    /// As a STOP does.
    case all
    /// As it did before anybody decided.
    case marketing
    /// It was misread.
    case nothing
}

/// A sentence that nobody has decided.
public struct OpenWish: Sendable, Codable, Equatable {
    public var id: Int
    public var channel: String
    /// The shape of the person's number, such as `+1…67`, and with a key its hash.
    public var from: String
    /// Our number.
    public var to: String
    /// Whom it binds; empty is every tenant.
    public var tenants: String
    /// What the person wrote, at most 500 characters.
    public var text: String
    /// UTC, ISO 8601 with milliseconds, by the database's clock.
    public var askedAt: String
}

extension OpenWish {
    fileprivate init(_ row: Row, _ names: AddressNames) throws(PostgresError) {
        self.init(
            id: try row.int("id"), channel: try row.string("channel"),
            from: names.name(try row.string("address")), to: try row.string("to_address"),
            tenants: try row.string("tenants"), text: try row.string("text"), askedAt: try row.string("asked_at"))
    }
}

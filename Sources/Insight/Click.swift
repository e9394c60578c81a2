public import Postgres
import Schema

/// One click of a person on the operator page. What it asks for is done once, however often it comes, in one transaction
/// that names the person.
public struct Click: Sendable {
    /// Nil where nobody signs in.
    public var person: String?
    /// Drawn when the form was made.
    public var id: String

    public init(person: String?, id: String) {
        self.person = person
        self.id = id
    }

    /// - Parameter database: a pool whose login has the role `outrider_operator`.
    /// - Returns: nil when what the click asks for has been done before.
    public func act<Value: Sendable>(
        through database: PostgresPool, _ body: (PostgresTransaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value? {
        try await database.transaction { transaction throws(PostgresError) -> Value? in
            let isNew = try await transaction.fetch(.actFor, [.text(person), .text(id)])[0].bool("is_new")
            return isNew ? try await body(transaction) : nil
        }
    }
}

extension Statement {
    static let actFor = Schema.statement("act_for")
}

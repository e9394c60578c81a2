public import Postgres
public import Providers
import Schema

/// Stores what people ask for by the links in mails.
public struct UnsubscribeStore: Sendable {
    /// Whoever presses the button waits for it.
    private static let deadline = Duration.milliseconds(2_500)

    private let database: PostgresPool

    public init(_ database: PostgresPool) {
        self.database = database
    }

    /// Returns once it is committed: from then on no intent follows. Asking again changes nothing.
    public func store(_ request: UnsubscribeRequest) async throws(PostgresError) {
        _ = try await database.fetch(
            .storeUnsubscribe,
            [.text(request.tenant), .text(request.address), .text("the link in the mail of job \(request.jobID)")],
            deadline: Self.deadline)
    }
}

extension Statement {
    static let storeUnsubscribe = Schema.statement("store_unsubscribe")
}

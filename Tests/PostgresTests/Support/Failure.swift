import Postgres
import Testing

/// The error of a call that must fail.
func failure<Value>(
    _ sourceLocation: SourceLocation = #_sourceLocation, of call: () async throws -> Value
) async throws -> PostgresError {
    do {
        _ = try await call()
    } catch let error as PostgresError {
        return error
    }
    Issue.record("the call succeeded", sourceLocation: sourceLocation)
    throw Backends.Timeout()
}

import Glibc
import Postgres

/// Looks at and interferes with the server's processes, through a connection of its own.
struct Backends {
    let pool: PostgresPool

    init(url: String) { pool = PostgresPool(PostgresConfiguration(url: url, applicationName: "observer", poolSize: 1)) }

    /// Waits until one backend of `application` is in `state` ("idle") or waits for it ("PgSleep") and returns its process id.
    func pid(of application: String, in state: String) async throws -> Int {
        try await eventually {
            try await pool.fetch(.pids, [.text(application), .text(state)]).first.map { try $0.int("pid") }
        }
    }

    /// Ends all present backends of `application` and waits until they are gone.
    func terminate(_ application: String) async throws {
        let pids = try await pool.fetch(.terminate, [.text(application)]).map { try $0.int("pid") }
        _ = try await eventually {
            try await pool.fetch(.alive, [.intArray(pids)])[0].int("count") == 0 ? true : nil
        }
    }

    /// Asks again and again until there is an answer, for at most 10 s.
    func eventually<Value>(_ probe: () async throws -> Value?) async throws -> Value {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if let value = try await probe() { return value }
        }
        throw Timeout()
    }

    struct Timeout: Error {}
}

extension Statement {
    fileprivate static let pids = Statement(
        name: "test.pids",
        sql: "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND $2 IN (state, wait_event)")
    fileprivate static let terminate = Statement(
        name: "test.terminate",
        sql: "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1")
    fileprivate static let alive = Statement(
        name: "test.alive", sql: "SELECT count(*) AS count FROM pg_stat_activity WHERE pid = ANY ($1::int[])")
}

/// How to reach PostgreSQL and how long to wait for it.
public struct PostgresConfiguration: Sendable {
    /// How statements reach the server.
    public enum Preparation: Sendable, Equatable {
        /// Prepared once per connection under the statement's name, with session settings made at connect.
        case prepared
        /// Sent whole each time and without session settings: for pgbouncer in transaction mode, where a session belongs
        /// to nobody. Put `plan_cache_mode`, `statement_timeout` and the like on the role instead.
        case unnamed
    }

    /// How the plans of statements are made.
    public enum Plans: Sendable, Equatable {
        /// For the values of each call. A generic plan made while a table was empty walks whole indexes later.
        case custom
        /// Once, and of index nested loops only, which statistics cannot change: for statements that look everything up by
        /// key, and cost more to plan than to run.
        case pinned

        /// The server's settings, by name.
        var settings: [(name: String, value: String)] {
            switch self {
            case .custom: [("plan_cache_mode", "force_custom_plan")]
            case .pinned:
                [("plan_cache_mode", "force_generic_plan")]
                    + ["seqscan", "hashjoin", "mergejoin", "bitmapscan", "material", "memoize"].map {
                        ("enable_\($0)", "off")
                    }
            }
        }
    }

    /// A connection URI or `key=value` string as libpq reads it, several hosts allowed. Holds a password: never log it.
    public var url: String
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// The most connections the pool opens, 1 or more. Each has a thread.
    public var poolSize: Int
    /// The most callers that may wait for a connection; one more is refused with `.tooManyWaiters`.
    public var maximumWaiters: Int
    /// For one host; several hosts are tried one after the other.
    public var connectTimeout: Duration
    /// The default deadline of a call, counted from the call. The server's `statement_timeout` is 95 % of it, so that a slow
    /// statement is normally ended by the server, with a known outcome.
    public var queryDeadline: Duration
    /// How long a transaction may sit idle before the server ends it.
    public var idleInTransactionTimeout: Duration
    /// How long sent data may stay unacknowledged before the kernel gives up the connection (`tcp_user_timeout`).
    public var tcpUserTimeout: Duration
    /// Idle seconds before the first TCP keepalive; three more follow at a third of it.
    public var keepaliveIdle: Duration
    public var preparation: Preparation
    public var plans: Plans

    public init(
        url: String, applicationName: String = "outrider", poolSize: Int = 8, maximumWaiters: Int = 1_000,
        connectTimeout: Duration = .seconds(5), queryDeadline: Duration = .seconds(10),
        idleInTransactionTimeout: Duration = .seconds(30), tcpUserTimeout: Duration = .seconds(15),
        keepaliveIdle: Duration = .seconds(15), preparation: Preparation = .prepared,
        plans: Plans = .custom
    ) {
        precondition(poolSize >= 1 && maximumWaiters >= 1)
        self.url = url
        self.applicationName = applicationName
        self.poolSize = poolSize
        self.maximumWaiters = maximumWaiters
        self.connectTimeout = connectTimeout
        self.queryDeadline = queryDeadline
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.tcpUserTimeout = tcpUserTimeout
        self.keepaliveIdle = keepaliveIdle
        self.preparation = preparation
        self.plans = plans
    }

    /// Checks that libpq can read the URL, without connecting.
    /// - Throws: `.configuration`, which never shows any part of the URL.
    public func validate() throws(PostgresError) { _ = try ConnectionTarget.all(of: self) }

    /// What a new session sets: how plans are made, how long it waits, and what this client relies on, whatever the role or
    /// the database says.
    func sessionSettings(serverVersion: Int) -> String? {
        guard preparation == .prepared else { return nil }
        var settings = plans.settings.map { "SET \($0.name) = \($0.value)" }
        settings += [
            "SET default_transaction_isolation = 'read committed'", "SET array_nulls = on",
            "SET standard_conforming_strings = on", "SET DateStyle = ISO", "SET extra_float_digits = 1",
            "SET IntervalStyle = postgres", "SET TimeZone = 'UTC'", "SET bytea_output = hex", "SET row_security = on",
            "SET search_path = public, pg_temp", "SET default_transaction_read_only = off",
            "SET default_transaction_deferrable = off", "SET transform_null_equals = off", "SET exit_on_error = off",
            "SET lock_timeout = 0", "SET jit = off",
            // A webhook is answered once it is durable; whoever wants more than `on` may have it.
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            "SET statement_timeout = \(Self.statementTimeout(within: queryDeadline))",
            "SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds)",
        ]
        if serverVersion >= 140_000 {
            settings += ["SET client_connection_check_interval = 2000", "SET idle_session_timeout = 0"]
        }
        return settings.joined(separator: "; ")
    }

    /// What a transaction sets where no session can keep it.
    var transactionSettings: String? {
        guard preparation == .unnamed else { return nil }
        let calls = plans.settings.map { "set_config('\($0.name)', '\($0.value)', true)" }
        return "SELECT " + calls.joined(separator: ", ")
    }

    /// Milliseconds a little below a client deadline, at least 1 (0 would mean no limit).
    static func statementTimeout(within deadline: Duration) -> Int { max(1, deadline.milliseconds * 95 / 100) }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a wait never ends just before its deadline.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Leaves the URL out: it can hold a password.
    public var description: String { "PostgresConfiguration(\(applicationName), pool of \(poolSize))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

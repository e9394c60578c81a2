import Postgres
import Testing

/// Runs hot statements as the program runs them, undoes what they did, and says what their plans did wrong.
struct PlanCheck {
    let stand: Stand
    /// Only the statements whose plans no statistics may change.
    var isOfPinned = false

    /// Tables that grow with the work. No statement may read one of them whole.
    private static let growing: Set = [
        "jobs", "events", "due", "suppressions", "open_sends", "adopted_sends", "inbound_messages", "whatsapp_windows",
        "idempotency_keys", "rate_windows", "campaign_rate_windows", "number_lookups",
    ]

    /// Prepares each statement on its connection, as a worker or gateway that starts now does.
    func prepare() async throws {
        for (pool, statements) in everything {
            // The first call of a function in a session reads pages of the catalogue.
            try await pool.run(script: "select outrider.is_adopted()")
            for (number, statement) in statements.enumerated() {
                try await pool.run(script: "prepare hot_\(number) as \(statement.sql)")
            }
        }
    }

    /// Makes each connection plan again, as it does after ANALYZE.
    func planAgain() async throws {
        for (pool, _) in everything { try await pool.run(script: "discard plans") }
    }

    /// Records what is wrong with the plans that the connections use now.
    func expectNothingWrong(with statistics: String, at location: SourceLocation = #_sourceLocation) async throws {
        for complaint in try await complaints(with: statistics) {
            Issue.record("\(complaint)", sourceLocation: location)
        }
    }

    /// What is wrong with the plans that the connections use now; empty when nothing is.
    /// - Parameter statistics: what PostgreSQL believes at this moment, in a word.
    func complaints(with statistics: String) async throws -> [String] {
        var complaints: [String] = []
        for (pool, statements) in everything {
            for (number, statement) in statements.enumerated() {
                var found: [String] = []
                // Again: what other databases of the server do to their tables makes a session read the catalogue again.
                for _ in 1...5 {
                    let (plan, rows) = try await run(statement, number, on: pool)
                    found = Self.complaints(of: plan, statement, rows: rows)
                    if found.isEmpty { break }
                }
                complaints += found.map { "\(statement.name) with \(statistics) statistics: \($0)" }
            }
        }
        return complaints
    }

    // MARK: Parts

    private var everything: [(PostgresPool, [HotStatement])] {
        [(stand.worker, HotStatement.ofWorkers)] + (isOfPinned ? [] : [(stand.gateway, HotStatement.ofGateways)])
    }

    private func run(
        _ statement: HotStatement, _ number: Int, on pool: PostgresPool
    ) async throws -> (ExplainedPlan, rows: Double) {
        let values = try await values(of: statement.parameters)
        let rows = Double(try await stand.number(statement.rows))
        let call = values.isEmpty ? "hot_\(number)" : "hot_\(number)(\(values.joined(separator: ", ")))"
        return (try await pool.explain(call, after: statement.setUp), rows)
    }

    private func values(of expressions: [String]) async throws -> [String] {
        var values: [String] = []
        for expression in expressions {
            let value = try await stand.value(expression)
            values.append(value.map { "'" + $0.replacing("'", with: "''") + "'" } ?? "null")
        }
        return values
    }

    private static func complaints(of plan: ExplainedPlan, _ statement: HotStatement, rows: Double) -> [String] {
        var complaints = plan.nodes.compactMap { walk(of: $0, statement) }
        let batch = max(rows, 1)
        if plan.pages > 60 + batch * statement.pagesPerRow {
            complaints.append("\(Int(plan.pages)) pages for \(Int(batch)) rows")
        }
        if plan.touched > 500 + batch * statement.touchedPerRow {
            complaints.append("\(Int(plan.touched)) rows touched for \(Int(batch)) rows")
        }
        return complaints
    }

    /// What it reads whole, or along an index that does not tell where to begin. A few pages are no walk.
    private static func walk(of node: PlanNode, _ statement: HotStatement) -> String? {
        guard let table = node.table, growing.contains(table), node.type != "Tid Scan", !node.looksUp,
            node.hits + node.reads > 20 * node.loops
        else { return nil }
        let isAllowed = statement.mayWalk.contains(table) && (table != "events" || !node.indexes.isEmpty)
        return isAllowed
            ? nil : "a walk over \(node.relation ?? table), \(node.type) \(node.indexes.joined(separator: ", "))"
    }
}

extension PostgresPool {
    private struct Undone<Value: Sendable>: Error { let value: Value }

    /// Runs a prepared statement, undoes what it did, and returns the plan that this connection has for it.
    /// - Parameter setUp: what the owner does before it, undone as well.
    func explain(_ call: String, after setUp: String = "") async throws -> ExplainedPlan {
        let role = try await fetch(Statement(name: "role", sql: "select current_user as v"))[0].string("v")
        let explain = Statement(
            name: "explain \(UInt64.random(in: 0 ... .max))",
            sql: "explain (analyze, buffers, timing off, format json) execute \(call)")
        return try ExplainedPlan(
            json: try await undone { transaction in
                try await transaction.run(script: "set local role none; \(setUp); set local role \(role)")
                return try await transaction.fetch(explain).map { try $0.string("QUERY PLAN") }.joined()
            })
    }

    private func undone<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await transaction { transaction in throw Undone(value: try await body(transaction)) }
        } catch let undone as Undone<Value> {
            return undone.value
        }
    }
}

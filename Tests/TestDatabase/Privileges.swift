public import Postgres

extension PostgresServer {
    /// What PostgreSQL says against a role's running these statements: nothing when it may run each. A statement's
    /// privileges are judged when its plan is opened, so explaining it tries them without running it.
    public static func refusals(of statements: [Statement], to role: String) async throws -> [String] {
        let url = try await migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url + "?options=-crole%3D\(role)", poolSize: 1))
        var refusals: [String] = []
        for statement in statements {
            let name = statement.name.replacing(".", with: "_")
            let values = Array(repeating: "null", count: parameters(of: statement)).joined(separator: ", ")
            do {
                try await pool.run(script: "prepare \(name) as \(statement.sql)")
                try await pool.run(script: "explain execute \(name)\(values.isEmpty ? "" : "(\(values))")")
            } catch {
                refusals.append("\(role), \(statement.name): \(error)")
            }
        }
        await pool.close()
        return refusals
    }

    /// How many parameters a statement takes: the highest `$n` it names.
    private static func parameters(of statement: Statement) -> Int {
        statement.sql.matches(of: /\$(\d+)/).compactMap { Int($0.1) }.max() ?? 0
    }
}

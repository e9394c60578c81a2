import Postgres
import Schema

/// Checks what the operator page needs: a sign-in to be seen, and a login of its own for people to act through.
struct OperatorCheck {
    let gateway: GatewaySettings
    let database: DatabaseSettings?

    func findings() async -> [Finding] {
        guard gateway.isPageOpen else {
            return [
                .warning(
                    "operator page", "closed, and the metrics too: they have no password",
                    "Set OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD, and give Prometheus the same.")
            ]
        }
        guard let login = gateway.operatorDatabase else {
            return [
                .fine("operator page", "reads only; with OUTRIDER_OPERATOR_DATABASE_URL people can act on it")
            ]
        }
        guard let database else { return [] }
        let own = PostgresPool(database.configuration(named: "outrider doctor", poolSize: 1))
        let operators = PostgresPool(database.configuration(named: "outrider doctor", poolSize: 1, login: login))
        let finding = await Self.finding(own, operators)
        await own.close()
        await operators.close()
        return [finding]
    }

    private static func finding(_ own: PostgresPool, _ operators: PostgresPool) async -> Finding {
        let remedy = "See ops/roles.sql: create role outrider_page login in role outrider_operator."
        let acting: Login
        do throws(PostgresError) {
            acting = try await Login(operators)
        } catch {
            return .failed("operator page", "\(error)", "Check OUTRIDER_OPERATOR_DATABASE_URL.")
        }
        guard acting.roles.contains(DatabaseRole.operators) else {
            return .failed("operator page", "the login \(acting.name) lacks outrider_operator: nobody can act", remedy)
        }
        // That the gateway's own login cannot be asked is said by another check.
        guard let reading = try? await Login(own) else { return .fine("operator page", "people can act") }
        guard acting.database == reading.database else {
            return .failed(
                "operator page", "OUTRIDER_OPERATOR_DATABASE_URL leads to another database than OUTRIDER_DATABASE_URL",
                "Name the same server and database, with another login.")
        }
        guard !reading.roles.contains(DatabaseRole.operators) else {
            return .warning(
                "operator page",
                acting.name == reading.name
                    ? "people act by the gateway's own login, which faces the internet"
                    : "the gateway's own login \(reading.name) may act, too, and it faces the internet",
                "Give the gateway a login with outrider_gateway alone. \(remedy)")
        }
        return .fine("operator page", "people act by the login \(acting.name)")
    }

    private struct Login {
        let name: String
        let database: String
        let roles: [String]

        init(_ pool: PostgresPool) async throws(PostgresError) {
            let row = try await pool.fetch(.doctorRoles, deadline: .seconds(5))[0]
            (name, database) = (try row.string("login"), try row.string("database"))
            roles = try row.textArray("held").compactMap(\.self)
        }
    }
}

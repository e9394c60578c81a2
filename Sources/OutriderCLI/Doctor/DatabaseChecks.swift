import Delivery
import Foundation
import Insight
import Postgres
import Schema
import Signing

/// Checks of the database: its version, roles, schema, clock, senders and log settings.
struct DatabaseChecks {
    let pool: PostgresPool
    /// The roles that the login must have.
    let roles: [String]
    /// The keys of a process that opens contents; nil for one that does not.
    var seal: TextSeal?

    /// Stops at the first check without which the others make no sense.
    func findings() async -> [Finding] {
        let server: Row
        do throws(PostgresError) {
            let before = Date.now
            server = try await pool.fetch(.doctorServer, deadline: .seconds(5))[0]
            let middle = before.addingTimeInterval(Date.now.timeIntervalSince(before) / 2)
            return try await [version(server), clock(server, at: middle), logs(server)] + schema()
        } catch {
            let remedy = "Check OUTRIDER_DATABASE_URL, the server's pg_hba.conf and the network."
            return [.failed("database", error.description, remedy)]
        }
    }

    private func version(_ server: Row) throws(PostgresError) -> Finding {
        let number = try server.int("version")
        let text = "PostgreSQL \(number / 10_000).\(number % 10_000)"
        if try server.bool("in_recovery") {
            return .failed(
                "database", "\(text) is a standby",
                "Name the primary, or add target_session_attrs=read-write to the URL.")
        }
        guard number >= 140_000 else { return .failed("database", text, "Outrider needs PostgreSQL 14 or newer.") }
        let encoding = try server.string("encoding")
        guard encoding == "UTF8" else {
            return .failed(
                "database", "\(text), encoding \(encoding)",
                "Outrider needs UTF8: createdb -E UTF8 -T template0 NAME, and bring the rows over with pg_dump.")
        }
        return .fine("database", text)
    }

    private func clock(_ server: Row, at now: Date) throws(PostgresError) -> Finding {
        let skew = now.timeIntervalSince1970 - (try server.double("epoch"))
        let text = "\(String(format: "%+.1f", skew)) s against the database"
        guard abs(skew) > 2 else { return .fine("clock", text) }
        return .warning(
            "clock", text,
            "Run an NTP client here. Outrider decides by the database's clock; webhook timestamps and logs do not.")
    }

    private func logs(_ server: Row) throws(PostgresError) -> Finding {
        let leaks = try server.string("leaks")
        guard leaks.isEmpty else {
            return .warning(
                "database log", "a refused or slow INSERT puts its values into the server's log",
                "Set \(leaks), for the server or for the login; see ops/postgresql.conf.")
        }
        return .fine("database log", "values of rows stay out of it, for this login")
    }

    private func schema() async throws(PostgresError) -> [Finding] {
        let fit = try await Migrations(Schema.migrations).fit(in: pool)
        if let remedy = fit.remedy { return [.failed("schema", fit.description, remedy)] }
        return try await [.fine("schema", fit.description), login()] + installation() + settings() + publications()
            + senders() + ContactChecks(pool: pool).findings() + RetentionChecks(pool: pool).findings() + seals()
            + CampaignChecks(pool: pool).findings() + TextChecks(pool: pool).findings()
            + ScheduleChecks(pool: pool).findings() + sentences() + troubles()
    }

    private func seals() async throws(PostgresError) -> [Finding] {
        guard let seal else { return [] }
        return try await SealChecks(pool: pool, seal: seal).findings()
    }

    /// What keeps messages from being sent now. A paused sender stands among the senders already.
    private func troubles() async throws(PostgresError) -> [Finding] {
        let overview = Overview(pool)
        var troubles = try await overview.troubles()
        if let refusal = await overview.refusedWrite(beside: troubles) { troubles.append(refusal) }
        guard !troubles.isEmpty else { return [.fine("sending", "nothing is known to keep messages from being sent")] }
        return troubles.map {
            // The rest of the installation is well.
            $0.cause == .campaignStopped
                ? .warning("sending", $0.text, $0.remedy) : .failed("sending", $0.text, $0.remedy)
        }
    }

    /// Sentences that ask for no more messages, and wait for a person. Nothing where none does.
    private func sentences() async throws(PostgresError) -> [Finding] {
        let row = try await pool.fetch(.wishCount)[0]
        let (count, oldest) = (try row.int("count"), try row.double("oldest"))
        guard count > 0 else { return [] }
        return [
            .warning(
                "opt-outs", "\(count) sentence(s) ask for no more messages, the oldest for \(Int(oldest / 3_600)) h",
                "Marketing is stopped for them. Read them with `outrider optouts list`, and settle each.")
        ]
    }

    /// What this database is among others, and whether it is the one that sends.
    private func installation() async throws(PostgresError) -> [Finding] {
        let installation = try await Overview(pool).installation()
        let shard = installation.shard
        var findings: [Finding] = []
        if shard != 0 { findings.append(.fine("shard", "\(shard) of 0 to 31; ids begin at \((shard << 48) + 1)")) }
        if installation.displacement == nil {  // Else it is a trouble, and said with the others.
            findings.append(.fine("identity", "this is the database that sends"))
        }
        if installation.strays > 0 {
            findings.append(
                .warning(
                    "due rows", "\(installation.strays) job(s) had none and got one",
                    "Find out who inserts while triggers are off, or by replication; such jobs are sent late."))
        }
        return findings
    }

    private func settings() async throws(PostgresError) -> [Finding] {
        let row = try await pool.fetch(.doctorSettings)[0]
        let wrong = try row.textArray("wrong").compactMap(\.self)
        var findings: [Finding] = []
        if !wrong.isEmpty {
            findings.append(
                .failed(
                    "session", "set otherwise than Outrider needs: \(wrong.joined(separator: ", "))",
                    "Set them back for the role: alter role … set …; see ops/roles.sql."))
        }
        if try row.int("prepared_transactions") > 0 {
            findings.append(
                .fine("notifications", "off, as max_prepared_transactions allows two-phase commit; workers poll"))
        }
        return findings
    }

    /// Nothing where nobody publishes Outrider's tables, or this login may not read them.
    private func publications() async throws(PostgresError) -> [Finding] {
        try await pool.fetch(.doctorPublications).map { row throws(PostgresError) in
            let (name, lacking) = (try row.string("name"), try row.string("lacking"))
            guard lacking.isEmpty else {
                return .failed(
                    "publication", "\(name): \(lacking) cannot be updated while it is published",
                    "Give it an identity: alter table … replica identity full.")
            }
            return .fine("publication", "\(name) publishes Outrider's tables")
        }
    }

    private func login() async throws(PostgresError) -> Finding {
        let row = try await pool.fetch(.doctorRoles)[0]
        let missing = try row.textArray("missing").compactMap(\.self)
        guard missing.isEmpty else {
            return .failed(
                "roles", "missing: \(missing.joined(separator: ", "))",
                "Run `outrider migrate` as a superuser, or create them with nologin.")
        }
        let held = try row.textArray("held").compactMap(\.self)
        let lacking = roles.filter { !held.contains($0) }
        guard lacking.isEmpty else {
            return .failed(
                "roles", DatabaseRole.lacking(lacking, held: held),
                "Use the login that is for it, or grant \(lacking.joined(separator: ", ")) to this one; see ops/roles.sql."
            )
        }
        if try row.bool("is_superuser") {
            return .warning(
                "roles", "this login is a superuser", "Use a login that has only the role it needs; see ops/roles.sql.")
        }
        return .fine("roles", "this login has \(held.joined(separator: ", "))")
    }

    private func senders() async throws(PostgresError) -> [Finding] {
        var findings: [Finding] = []
        for row in try await pool.fetch(.doctorSenders) {
            let channel = try row.string("channel")
            let (count, paused) = (try row.int("enabled"), try row.int("paused"))
            if count == 0 {
                findings.append(
                    .warning(
                        "sender \(channel)", "none", "Insert one into outrider.senders, or jobs for this channel wait.")
                )
            } else if paused > 0 {
                findings.append(
                    .warning(
                        "sender \(channel)", "\(paused) of \(count) paused: the provider refused it",
                        "See paused_reason in outrider.senders, correct it, then set paused_until to null."))
            } else {
                findings.append(.fine("sender \(channel)", "\(count)"))
            }
        }
        return findings
    }
}

/// The roles of Outrider's own processes.
enum DatabaseRole {
    static let worker = "outrider_worker"
    static let gateway = "outrider_gateway"
    /// People who act, and the operator page for them.
    static let operators = "outrider_operator"

    /// What is wrong with a login, in words.
    static func lacking(_ lacking: [String], held: [String]) -> String {
        "this login lacks \(lacking.joined(separator: ", ")); it has "
            + (held.isEmpty ? "none of Outrider's roles" : held.joined(separator: ", "))
    }
}

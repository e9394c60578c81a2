import Foundation
import Postgres
import TestDatabase
import Testing

/// What each role may and may not do, tried by a login that has this role alone.
@Suite("Roles", .timeLimit(.minutes(5)))
struct RoleTests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        let role: String
        let sql: String
        let isAllowed: Bool
        var testDescription: String { "\(role) \(isAllowed ? "may" : "may not"): \(sql)" }
    }

    static func may(_ role: String, _ statements: String...) -> [Attempt] {
        statements.map { Attempt(role: role, sql: $0, isAllowed: true) }
    }

    static func mayNot(_ role: String, _ statements: String...) -> [Attempt] {
        statements.map { Attempt(role: role, sql: $0, isAllowed: false) }
    }

    private static let job = "insert into outrider.jobs (channel, address, body) values ('sms', '+15000000001', 'x')"
    private static let intent =
        "insert into outrider.events (job_id, generation, kind, status) values (1, 1, 'intent', 'begun')"

    /// What every service asks before it starts.
    private static let atStart = "select number, name, checksum from outrider.schema_migrations"

    static let attempts: [Attempt] = [
        may(
            "outrider_app", job, "select outrider.job_of_key('a')",
            "insert into outrider.jobs (channel, address, body) select 'sms', '+15000000001', 'x' from generate_series(1, 3)",
            "select * from outrider.job_status", "select name from outrider.ladders",
            "select outrider.cancel(1)", "select * from outrider.timeline(1)", "select outrider.why(1)"),
        mayNot(
            "outrider_app", "select body from outrider.jobs", "select address from outrider.jobs",
            "update outrider.jobs set body = 'y'", "delete from outrider.jobs", "select * from outrider.events", intent,
            "insert into outrider.jobs (id, channel, address, body) values (9, 'sms', '+15000000001', 'x')",
            "select * from outrider.due", "delete from outrider.due", "select * from outrider.senders",
            "select * from outrider.suppressions",
            "insert into outrider.templates (name, channel, body) values ('t', 'sms', 'x')",
            "select outrider.save_ladder('own', '[{\"channel\": \"sms\"}]')",
            "select outrider.suppress('+15000000001')",
            "select outrider.release_held(1, true, 'because')", "select outrider.act_for('ann', 'click')",
            "insert into outrider.tenant_roles values (session_user, 'other')", "truncate outrider.jobs",
            "create table outrider.mine (id int)", "drop table outrider.jobs"),
        may(
            "outrider_worker", atStart, "select id from outrider.jobs", "delete from outrider.due", intent,
            "update outrider.senders set paused_until = now()", "select outrider.create_partitions(4)",
            "insert into outrider.inbound_messages (provider_id, channel, from_address, to_address) values ('SM1', 'sms', '+15000000001', '+15000000002')",
            "update outrider.suppressions set lifted_at = now()"),
        mayNot(
            "outrider_worker", job, "update outrider.jobs set body = 'y'", "delete from outrider.jobs",
            "update outrider.events set status = 'y'", "delete from outrider.events",
            "update outrider.senders set address = '+15000000002'",
            "insert into outrider.senders (name, channel, address) values ('s', 'sms', '+15000000002')",
            "insert into outrider.templates (name, channel, body) values ('t', 'sms', 'x')",
            "select outrider.release_held(1, true, 'because')", "delete from outrider.suppressions",
            "update outrider.suppressions set reason = 'y'", "update outrider.inbound_messages set keyword = null",
            "select outrider.lift_suppression('+15000000001')",
            "insert into outrider.opt_out_scopes values ('', now(), 'program')",
            "insert into outrider.gateways (id) values ('g')", "truncate outrider.events"),
        may(
            "outrider_gateway", atStart,
            "insert into outrider.inbound_messages (provider_id, channel, from_address, to_address) values ('SM1', 'sms', '+15000000001', '+15000000002')",
            "insert into outrider.events (job_id, generation, kind, status) values (1, 1, 'receipt', 'delivered')",
            "insert into outrider.suppressions (address, channel, reason, source) values ('+15000000001', 'sms', 'stop', 'SM1')",
            "update outrider.suppressions set lifted_at = now(), lifted_by = 'x', lift_reason = 'x'",
            "select id, phone, email from outrider.jobs",
            "select * from outrider.job_status", "update outrider.catch_ups set asked_at = now()",
            "update outrider.inbound_messages set sent_at = now()",
            "update outrider.senders set paused_until = now(), paused_reason = 'x'"
        ),
        mayNot(
            "outrider_gateway", job, "delete from outrider.due", "delete from outrider.events",
            "update outrider.events set status = 'y'",
            "insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons) values ('w', '{1}', '{1}', '{0}', '{1}', '{dispatch}')",
            "update outrider.senders set rate_per_second = 1", "delete from outrider.suppressions",
            "select body from outrider.jobs", "select * from outrider.jobs_0", "select * from outrider.templates",
            "update outrider.suppressions set reason = 'y'", "select outrider.cancel(1)",
            "select outrider.lift_suppression('+15000000001', null, 'x')",
            "select outrider.set_opt_out_scope('', 'program')",
            "insert into outrider.opt_out_scopes values ('', now(), 'program')",
            "select outrider.act_for('ann', 'click')", "select outrider.pause_campaign('c', 'x')",
            "select * from outrider.loaded_people('c')", "select * from outrider.campaign_people('c')",
            "delete from outrider.inbound_messages", "select * from outrider.catch_ups",
            "update outrider.catch_ups set seen_until = now()",
            "update outrider.inbound_messages set received_at = now()"),
        may(
            "outrider_operator", atStart, job, "select body from outrider.jobs",
            "select outrider.suppress('+15000000001')", "select outrider.act_for('ann', 'click')",
            "select outrider.suppress('+15000000001', null, 'x', 'shop', 'marketing')",
            "select outrider.lift_suppression('+15000000001', null, 'x')",
            "select outrider.set_opt_out_scope('shop', 'program')",
            "insert into outrider.senders (name, channel, address) values ('s', 'sms', '+15000000002')",
            "select outrider.save_ladder('own', '[{\"channel\": \"sms\"}]')"),
        mayNot(
            "outrider_operator", "update outrider.jobs set body = 'y'", "delete from outrider.jobs",
            "update outrider.events set status = 'y'", "delete from outrider.events", intent,
            "delete from outrider.suppressions", "update outrider.ladder_steps set wait_seconds = 5",
            "delete from outrider.ladders", "drop schema outrider cascade"),
    ].flatMap(\.self)

    @Test("a login may do what its role is for, and nothing else")
    func privileges() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        try await admin.run(script: "\(Self.job); \(Self.intent.replacing("'intent', 'begun'", with: "'answer', 'x'"))")
        for role in ["outrider_app", "outrider_worker", "outrider_gateway", "outrider_operator"] {
            let pool = try await Self.login(role, on: url, by: admin)
            for attempt in Self.attempts where attempt.role == role {
                let state = await Self.state(of: attempt, pool)
                let expected: SQLState? = attempt.isAllowed ? nil : .insufficientPrivilege
                #expect(state == expected, "\(attempt.testDescription): \(state?.code ?? "done")")
            }
            await pool.close()
        }
        await admin.close()
    }

    @Test("an application sees its own tenant's jobs alone, and cannot insert for another")
    func tenants() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        let first = try await Self.login("outrider_app", on: url, by: admin, tenant: "first")
        let second = try await Self.login("outrider_app", on: url, by: admin, tenant: "second")
        let id = try await first.fetch(Statement(name: "insert", sql: Self.job + " returning id"))[0].int("id")
        let visible = Statement(name: "visible", sql: "select count(*) as count from outrider.job_status")
        #expect(try await first.fetch(visible)[0].int("count") == 1)
        #expect(try await second.fetch(visible)[0].int("count") == 0)
        for call in [
            "select * from outrider.timeline(\(id))", "select outrider.why(\(id))", "select outrider.cancel(\(id))",
            "select outrider.retry(\(id))",
        ] {
            await #expect(throws: PostgresError.self) { try await second.run(script: call) }
        }
        let foreign =
            "insert into outrider.jobs (tenant, channel, address, body) values ('first', 'sms', '+15000000001', 'x')"
        await #expect(throws: PostgresError.self) { try await second.run(script: foreign) }
        try await first.run(script: foreign)
        // Nor does the answer tell which keys the other has used.
        try await first.run(script: Self.keyed("used"))
        for key in ["used", "fresh"] {
            do {
                try await second.run(script: Self.keyed(key))
                Issue.record("the key \(key) was looked at before the tenant")
            } catch {
                #expect(error.sqlState == .insufficientPrivilege)
            }
        }
        let ofKey = Statement(name: "key", sql: "select outrider.job_of_key('used') is not null as is_known")
        #expect(try await first.fetch(ofKey)[0].bool("is_known"))
        #expect(try await !second.fetch(ofKey)[0].bool("is_known"))
        // SET ROLE does not change whose tenant a login is.
        #expect(
            try await second.fetch(Statement(name: "tenant", sql: "select outrider.current_tenant() as tenant"))[0]
                .string("tenant") == "second")
        for pool in [first, second, admin] { await pool.close() }
    }

    @Test("of another tenant's job an application sees the id alone, and no answer tells it from a job that never was")
    func foreignIDs() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        let first = try await Self.login("outrider_app", on: url, by: admin, tenant: "first")
        let second = try await Self.login("outrider_app", on: url, by: admin, tenant: "second")
        let id = try await first.fetch(Statement(name: "insert", sql: Self.job + " returning id"))[0].int("id")
        let ids = try await second.fetch(Statement(name: "ids", sql: "select id from outrider.jobs"))
        #expect(try ids.map { try $0.int("id") } == [id])
        for sql in [
            "select created_at from outrider.jobs", "select tenant from outrider.jobs",
            "select ctid from outrider.jobs",
            "select xmin from outrider.jobs", "select tableoid from outrider.jobs",
            "select id from outrider.jobs for share", "select last_value from outrider.jobs_id_seq",
        ] {
            await #expect(throws: PostgresError.self, "\(sql)") { try await second.run(script: sql) }
        }
        for call in [
            "select * from outrider.timeline", "select outrider.why", "select outrider.cancel", "select outrider.retry",
        ] {
            var answers: Set<String> = []
            for job in [id, id + 1_000] {
                do {
                    try await second.run(script: "\(call)(\(job))")
                } catch {
                    answers.insert(error.description.replacingOccurrences(of: "\(job)", with: "N"))
                }
            }
            #expect(answers.count == 1 && answers.first?.contains("there is no job N") == true)
        }
        for pool in [first, second, admin] { await pool.close() }
    }

    @Test("a login is as urgent as its row of tenant_roles allows, by category and by number, in bulk too")
    func urgency() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        let offers = try await Self.login("outrider_app", on: url, by: admin, tenant: "offers")
        let bank = try await Self.login("outrider_app", on: url, by: admin, tenant: "bank")
        try await admin.run(script: "update outrider.tenant_roles set most_urgent = 2 where tenant = 'offers'")
        func jobs(_ category: String, _ priority: String) -> String {
            """
            insert into outrider.jobs (channel, address, body, category, priority)
            select 'sms', '+15000000001', 'x', '\(category)', case when n = 3 then \(priority) else 3 end from generate_series(1, 3) n
            """
        }
        for (category, priority) in [("marketing", "0"), ("transactional", "1"), ("otp", "null::smallint")] {
            await #expect(throws: PostgresError.self) { try await offers.run(script: jobs(category, priority)) }
            try await bank.run(script: jobs(category, priority))
        }
        try await offers.run(script: jobs("transactional", "null::smallint"))
        try await offers.run(script: jobs("otp", "2"))
        for pool in [offers, bank, admin] { await pool.close() }
    }

    // MARK: Parts

    /// A job of the tenant `first` with a key.
    private static func keyed(_ key: String) -> String {
        """
        insert into outrider.jobs (tenant, channel, address, body, idempotency_key)
        values ('first', 'sms', '+15000000001', 'x', '\(key)')
        """
    }

    /// Tries one statement and rolls it back. Nil when it was allowed.
    private static func state(of attempt: Attempt, _ pool: PostgresPool) async -> SQLState? {
        struct RolledBack: Error {}
        do {
            let _: Int = try await pool.transaction { transaction in
                try await transaction.run(script: attempt.sql)
                throw RolledBack()
            }
            return nil
        } catch let error as PostgresError {
            return error.sqlState ?? SQLState("?????")
        } catch {
            return nil
        }
    }

    /// A pool of a new login that has one role.
    private static func login(
        _ role: String, on url: String, by admin: PostgresPool, tenant: String? = nil
    ) async throws -> PostgresPool {
        let name = "login_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(script: "create role \(name) login in role \(role)")
        if let tenant {
            try await admin.run(script: "insert into outrider.tenant_roles values ('\(name)', '\(tenant)')")
        }
        var parts = try #require(URLComponents(string: url))
        (parts.user, parts.password) = (name, nil)
        return PostgresPool(PostgresConfiguration(url: try #require(parts.string), poolSize: 1))
    }
}

import Postgres
import Testing

@Suite("The documents' tables of bad input", .timeLimit(.minutes(5)))
struct BadInputTests {
    @Test("each wrong job is refused by the rule its line names")
    func jobs() async throws {
        let database = try await ScratchDatabase()
        try await database.superuser.run(script: Self.drafts)
        let rows = try Document.contract.table(below: "A wrong job")
        try #require(rows.count > 30)
        for row in rows {
            try #require(row.cells.count == 3, "\(row)")
            let (kind, change, rule) = (row.cells[0], row.cells[1], row.cells[2])
            let refusal = await refusal(of: Self.insert(kind, with: change), by: database.application)
            #expect(refusal.map { Self.names($0, rule) } == true, "\(row): \(refusal.map(\.description) ?? "accepted")")
        }
        #expect(try await database.count("outrider.jobs") == 0)
        await database.close()
    }

    @Test("the jobs the wrong ones are made of are right", arguments: ["send", "notify"])
    func drafts(_ kind: String) async throws {
        let database = try await ScratchDatabase()
        try await database.superuser.run(script: Self.drafts)
        #expect(await refusal(of: Self.insert(kind, with: "priority = 0"), by: database.application) == nil)
        #expect(try await database.count("outrider.due") == 1)
        await database.close()
    }

    @Test("each other wrong statement is refused as its line says")
    func statements() async throws {
        let database = try await ScratchDatabase()
        // Job 17 is waiting, job 18 was held and then canceled.
        try await database.superuser.run(
            script: """
                insert into outrider.jobs (id, channel, address, body)
                values (17, 'sms', '+15005550010', 'Hi'), (18, 'sms', '+15005550010', 'Hi');
                insert into outrider.events (job_id, generation, kind, status) values (18, 1, 'held', 'unknown');
                select outrider.cancel(18);
                insert into outrider.opt_out_wishes (provider_id, channel, address, to_address, text)
                values ('SM1', 'sms', '+15005550010', '+15005550006', 'Please stop texting me'),
                       ('SM2', 'sms', '+15005550010', '+15005550006', 'Please stop texting me');
                select outrider.settle_wish(2, 'all', 'wants nothing more');
                \(Self.campaigns);
                \(Self.schedules)
                """)
        let rows = try Document.contract.table(below: "Other wrong statements")
        try #require(rows.count > 20)
        for row in rows {
            try #require(row.cells.count == 3, "\(row)")
            let pool =
                switch row.cells[0] {
                case "application": database.application
                case "owner": database.superuser
                default: database.operations
                }
            let refusal = await refusal(of: row.cells[1], by: pool)
            #expect(
                refusal.map { Self.names($0, row.cells[2]) } == true,
                "\(row): \(refusal.map(\.description) ?? "accepted")")
        }
        await database.close()
    }

    @Test("no rule of the schema is missing from the tables")
    func completeness() async throws {
        let database = try await ScratchDatabase()
        let contract = try Document.contract
        let answers = try (contract.table(below: "A wrong job") + contract.table(below: "Other wrong statements")).map {
            $0.cells[2]
        }
        let constraints = try await database.superuser.fetch(.namedConstraints).map { try $0.string("name") }
        #expect(constraints.count > 50)
        for name in constraints where !answers.contains(name) {
            Issue.record("sql/README.md does not say what \(name) refuses")
        }
        let sources = try await database.superuser.fetch(.functionSources).map { try $0.string("source") }
        let messages = sources.flatMap { $0.matches(of: #/raise exception '((?:[^']|'')+)'/#).map { String($0.1) } }
        #expect(messages.count > 12)
        for message in messages where !answers.contains(where: { Self.isInstance($0, of: message) }) {
            Issue.record("sql/README.md does not name the refusal \"\(message)\"")
        }
        await database.close()
    }

    // MARK: Parts

    /// Rows to be changed by a line of the table and then inserted: right ones, in tables without rules.
    private static let drafts = """
        CREATE TABLE public.send_draft (LIKE outrider.jobs INCLUDING DEFAULTS);
        INSERT INTO public.send_draft (id, kind, channel, address, body)
        VALUES (1, 'send', 'sms', '+15005550010', 'Your table is ready');
        CREATE TABLE public.notify_draft (LIKE outrider.jobs INCLUDING DEFAULTS);
        INSERT INTO public.notify_draft (id, kind, ladder, phone, email, body)
        VALUES (2, 'notify', 'standard', '+15005550010', 'ann@example.com', 'Your table is ready');
        UPDATE public.send_draft SET tenant = 'default'; UPDATE public.notify_draft SET tenant = 'default';
        GRANT ALL ON public.send_draft, public.notify_draft TO outrider_app
        """

    /// One transaction: change the draft, insert it.
    private static func insert(_ kind: String, with change: String) -> String {
        """
        UPDATE public.\(kind)_draft SET \(change);
        INSERT INTO outrider.jobs (\(columns)) SELECT \(columns) FROM public.\(kind)_draft
        """
    }

    /// All that an application may set.
    private static let columns = """
        tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, sealed, media_urls, locale, time_zone,
        run_at, expires_at, wait_seconds, priority, idempotency_key, campaign, variant, metadata
        """

    /// Campaigns and audiences of which something is wrong.
    private static let campaigns = """
        select outrider.create_campaign('over', channel => 'sms', body => 'Hi'), outrider.cancel_campaign('over'),
               outrider.create_campaign('draft', channel => 'sms', body => 'Hi'),
               outrider.create_campaign('late', channel => 'sms', body => 'Hi', not_after => now() + interval '1 day');
        update outrider.campaign_definitions set not_after = now() - interval '1 day' where not_after is not null;
        select outrider.create_campaign('spent', channel => 'sms', body => 'Hi'), outrider.set_campaign_budget('spent', messages => 1);
        insert into outrider.jobs (channel, address, template, campaign)
        select 'sms', '+15005550010', 'outrider.campaign/' || id, name from outrider.campaigns where name = 'spent';
        insert into outrider.campaign_deltas (campaign_id, wave, variant, country, channel, attempts) select id, 1, '', '+1', 'sms', 1 from outrider.campaigns where name = 'spent';
        select outrider.start_campaign('spent'), outrider.pause_campaign('spent', 'to look');
        create schema crm;
        create table crm.not_granted (key integer, phone text);
        create table crm.by_row (key integer, phone text);
        alter table crm.by_row enable row level security;
        create table crm.good (key integer, phone text);
        create table crm.no_key (id integer, phone text);
        create table crm.no_address (key integer, name text);
        create function crm.code() returns text language sql as 'select current_user::text';
        create view crm.inner_view as select 1 as key, crm.code() as phone;
        create view crm.with_code as select * from crm.inner_view;
        create view crm.by_login with (security_invoker = on) as select key, phone from crm.good;
        create function crm.same(text, text) returns boolean language sql as 'select true';
        create operator crm.=== (leftarg = text, rightarg = text, function = crm.same);
        create view crm.with_operator as select key, phone from crm.good where phone operator(crm.===) 'x';
        create function crm.is_fine(text) returns boolean language sql as 'select true';
        create domain crm.fine as text check (crm.is_fine(value));
        create view crm.with_domain as select key, phone::crm.fine as phone from crm.good;
        create view crm.with_text as select 1 as key, query_to_xml('select 1', true, true, '')::text as phone;
        create view crm.with_call as select 1 as key, outrider.current_tenant() as phone;
        create view crm.plain_view as select key, phone from crm.good;
        grant usage on schema crm to outrider_app, outrider_worker;
        grant select on all tables in schema crm to outrider_app, outrider_worker;
        revoke all on crm.not_granted from outrider_worker;
        do $$
        declare name text := 'reader_' || md5(random()::text);
        begin
            execute format('create role %1$I; alter function crm.code() owner to %1$I', name);
            execute format('alter function crm.same(text, text) owner to %1$I; alter function crm.is_fine(text) owner to %1$I', name);
        end $$
        """

    /// A schedule that is in the way, and one whose maker may not read its audience any more.
    private static let schedules = """
        insert into outrider.jobs (channel, address, body, category, campaign) values ('sms', '+15005550010', 'Hi', 'marketing', 'by-job');
        select outrider.create_schedule('taken', '0 9 * * *', 'UTC', '{"job": {"channel": "sms", "address": "+15005550010", "body": "Hi"}}'),
               outrider.create_schedule('unread', '0 9 * * *', 'UTC', '{"campaign": {"channel": "sms", "body": "Hi", "audience": "crm.good"}}');
        update outrider.schedules set login = 'outrider_gateway' where name = 'unread'
        """

    private func refusal(of script: String, by pool: PostgresPool) async -> PostgresError? {
        do {
            try await pool.run(script: script)
            return nil
        } catch {
            return error
        }
    }

    /// Whether the refusal is by the constraint `rule`, or its message holds `rule`.
    private static func names(_ error: PostgresError, _ rule: String) -> Bool {
        guard case .server(_, let message, let constraint) = error else { return false }
        return constraint == rule || message.contains(rule)
    }

    /// Whether `text` is the message `format` with its `%` filled in, or the beginning of it.
    private static func isInstance(_ text: String, of format: String) -> Bool {
        let parts = format.replacing("''", with: "'").split(separator: "%", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return !text.isEmpty && parts[0].hasPrefix(text) }
        guard let first = parts.first, text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for part in parts.dropFirst() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

extension Statement {
    /// Rules of the tables that applications and operators write.
    fileprivate static let namedConstraints = Statement(
        name: "documents.constraints",
        sql: """
            SELECT c.conname AS name FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
             WHERE c.connamespace = 'outrider'::regnamespace AND NOT t.relispartition
               AND (c.contype = 'c' OR c.contype = 'u' AND c.conname NOT LIKE t.relname || '%')
               AND t.relname IN ('jobs', 'senders', 'templates', 'ladders', 'ladder_steps', 'tenant_roles', 'error_codes', 'explanations',
                                 'schedules', 'schedule_backfills', 'quiet_hours', 'allowed_countries', 'blocked_prefixes',
                                 'number_places')
             ORDER BY 1
            """)

    fileprivate static let functionSources = Statement(
        name: "documents.functions",
        sql: "SELECT prosrc AS source FROM pg_proc WHERE pronamespace = 'outrider'::regnamespace")
}

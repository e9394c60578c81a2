import Delivery
import Inbox
import Postgres
import TestDatabase
import Testing

@Suite("Whom a word of a person binds", .timeLimit(.minutes(5)))
struct WordScopeTests {
    private static let shop = "+15005550011"
    private static let club = "+15005550012"
    private static let both = "+15005550013"
    private static let all = "+15005550014"
    private static let unknown = "+15005550015"

    /// Numbers of two tenants, one that they share, and one that everybody without a number of their own has.
    private struct Numbers {
        let inbox: InboxFixture
        let store: ReceiptStore
        private var count = 0

        init() async throws {
            inbox = try await InboxFixture()
            store = ReceiptStore(inbox.admin)
            try await inbox.query(
                """
                insert into outrider.senders (name, channel, address, tenant) values
                    ('shop', 'sms', $1, 'shop'), ('club', 'sms', $2, 'club'), ('both', 'sms', $3, 'shop'),
                    ('both by voice', 'voice', $3, 'club'), ('all', 'sms', $4, null), ('all of the shop', 'voice', $4, 'shop')
                """, [shop, club, both, all].map { .text($0) })
        }

        /// The person writes, and two minutes pass.
        mutating func write(_ word: OptOutKeyword, to number: String, from person: String = InboxFixture.person)
            async throws
        {
            count += 1
            let message = InboundArrival(
                providerID: "SM\(count)", channel: .sms, from: person, to: number, keyword: word)
            #expect(try await store.store([.inbound(message)]) == [.new])
            try await inbox.wroteEarlier("2 minutes")
        }

        /// The tenants for whom a channel is closed; nil when the three channels differ.
        func closed() async throws -> [String]? {
            let rows = try await inbox.query(
                """
                select channel, array_agg(distinct tenant order by tenant)::text as tenants from outrider.suppressions
                 where lifted_at is null group by 1
                """)
            let sets = Set(try rows.map { try $0.string("tenants") })
            guard !rows.isEmpty else { return [] }
            guard rows.count == 3, sets.count == 1, let tenants = sets.first else { return nil }
            return tenants.dropFirst().dropLast().split(separator: ",").map { $0 == "\"\"" ? "" : String($0) }
        }
    }

    @Test(
        "STOP binds the tenants whose number it was sent to, and all where nobody can say whose it is",
        arguments: [
            (shop, ["shop"], "shop"), (club, ["club"], "club"), (both, ["club", "shop"], ""), (all, [""], ""),
            (unknown, [""], ""),
        ])
    func stop(number: String, tenants: [String], owner: String) async throws {
        var numbers = try await Numbers()
        try await numbers.write(.stop, to: number)
        #expect(try await numbers.closed() == tenants)
        #expect(try await numbers.inbox.count("inbound_messages", where: "tenant = '\(owner)'") == 1)
        try await numbers.write(.start, to: number)
        #expect(try await numbers.closed() == [], "START to the same number opens what it closed")
        let kept = "lift_reason = 'start' and lifted_by = 'inbound SM2'"
        #expect(try await numbers.inbox.count("suppressions", where: kept) == 3 * tenants.count)
    }

    @Test("a number counts in every spelling")
    func spelling() async throws {
        var numbers = try await Numbers()
        try await numbers.inbox.query(
            "insert into outrider.senders (name, channel, address, tenant) values ('br', 'whatsapp', '+551187654321', 'shop')"
        )
        try await numbers.write(.stop, to: "+5511987654321")
        #expect(try await numbers.closed() == ["shop"])
    }

    @Test("START opens what STOP closed for the same tenants, and nothing of another")
    func start() async throws {
        var numbers = try await Numbers()
        try await numbers.write(.stop, to: Self.shop)
        try await numbers.write(.start, to: Self.club)
        #expect(try await numbers.closed() == ["shop"])
        try await numbers.write(.stop, to: Self.both)
        try await numbers.write(.start, to: Self.all)
        #expect(try await numbers.closed() == ["club", "shop"])
        try await numbers.write(.start, to: Self.shop)
        #expect(try await numbers.closed() == ["club"])
        try await numbers.write(.start, to: Self.both)
        #expect(try await numbers.closed() == [])
    }

    @Test("words of one person to two tenants do not wait for each other")
    func together() async throws {
        let numbers = try await Numbers()
        let word = { (id: String, word: OptOutKeyword, number: String) in
            Arrival.inbound(
                InboundArrival(providerID: id, channel: .sms, from: InboxFixture.person, to: number, keyword: word))
        }
        try await numbers.inbox.query(
            """
            insert into outrider.suppressions (tenant, address, channel, reason, source)
            select 'club', $1, c, 'provider 21610', 'test' from unnest(outrider.phone_channels()) c
            """, [.text(InboxFixture.person)])
        try await numbers.store.store([word("SM1", .stop, Self.shop), word("SM2", .start, Self.club)])
        #expect(try await numbers.closed() == ["shop"], "the START to the club is its last word there")
    }

    @Test(
        "a STOP that binds all, as an earlier release heard it, opens once each tenant it was sent to has heard START")
    func earlierRelease() async throws {
        var numbers = try await Numbers()
        for (id, number) in [("SMa", Self.shop), ("SMb", Self.club)] {
            try await numbers.inbox.query(
                """
                insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword, received_at)
                values ($1, 'sms', $2, $3, 'stop', now() - interval '1 hour')
                """, [.text(id), .text(InboxFixture.person), .text(number)])
        }
        try await numbers.inbox.query(
            """
            insert into outrider.suppressions (address, channel, reason, source)
            select $1, c, 'stop', 'inbound SMa' from unnest(outrider.phone_channels()) c
            """, [.text(InboxFixture.person)])
        try await numbers.write(.start, to: Self.shop)
        #expect(try await numbers.closed() == [""])
        try await numbers.write(.start, to: Self.club)
        #expect(try await numbers.closed() == [])
    }

    @Test(
        "under program a STOP leaves one-time passwords and alerts, from the time that was said on, and START opens it")
    func program() async throws {
        var numbers = try await Numbers()
        let inbox = numbers.inbox
        try await inbox.query("select outrider.set_opt_out_scope('shop', 'program', now() + interval '1 hour')")
        try await numbers.write(.stop, to: Self.shop)
        #expect(try await inbox.count("suppressions", where: "category = '' and tenant = 'shop'") == 3)
        try await inbox.query("delete from outrider.suppressions")
        try await inbox.query(
            "select outrider.set_opt_out_scope('', 'program'), outrider.set_opt_out_scope('club', 'everything')")
        try await numbers.write(.stop, to: Self.both)
        let rows = try await inbox.query(
            """
            select tenant || ':' || string_agg(distinct category, ',' order by category) as row
              from outrider.suppressions group by tenant order by tenant
            """)
        #expect(try rows.map { try $0.string("row") } == ["club:", "shop:marketing,transactional"])
        try await numbers.write(.start, to: Self.both)
        #expect(try await numbers.closed() == [])
    }

    @Test("a provider's block binds the tenants of the number that wrote, by the reach of its code")
    func providersWord() async throws {
        let numbers = try await Numbers()
        let inbox = numbers.inbox
        let blocked = { (code: String) async throws -> [String] in
            try await inbox.query("delete from outrider.suppressions")
            let job = try await inbox.attempt()
            try await inbox.query(
                "update outrider.events set sender_id = (select id from outrider.senders where name = 'both') where job_id = $1",
                [.int(job)])
            let word = ReceiptArrival(
                jobID: job, generation: 1, token: InboxFixture.token, status: "undelivered \(code)", provider: "twilio",
                code: code, defaultClass: .unreachable, needsDecision: true)
            try await numbers.store.store([.receipt(word)])
            return try await inbox.query(
                "select tenant || ' ' || channel || ' ' || category as row from outrider.suppressions order by channel, tenant"
            ).map { try $0.string("row") }
        }
        #expect(
            try await blocked("21610") == [
                "club sms ", "shop sms ", "club voice ", "shop voice ", "club whatsapp ", "shop whatsapp ",
            ])
        #expect(
            try await blocked("30004") == [
                "club sms ", "shop sms ", "club voice marketing", "shop voice marketing", "club whatsapp marketing",
                "shop whatsapp marketing",
            ])
    }
}

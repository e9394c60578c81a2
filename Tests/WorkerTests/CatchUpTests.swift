import Delivery
import Foundation
import Inbox
import Insight
import Logging
import Postgres
import Providers
import Testing

@testable import Worker

@Suite("What no webhook brought is looked up", .timeLimit(.minutes(5)))
struct CatchUpTests {
    private static let person = "+48600000080"
    private static let number = "+15005550006"

    let harness: Harness
    let list = ScriptedList(pageSize: 2)
    var configuration = CatchUpConfiguration()

    init() async throws {
        harness = try await Harness()
        // Added long ago, so that what was said in the meantime is looked for.
        try await harness.query("update outrider.senders set created_at = now() - interval '6 hours'")
        try await harness.query("delete from outrider.senders where channel not in ('sms', 'email')")
    }

    private var service: CatchUpService {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return CatchUpService(
            store: CatchUpStore(pool: harness.pool), receipts: ReceiptStore(harness.pool), source: list,
            configuration: configuration, logger: logger)
    }

    /// A text, as long ago as the database's clock says.
    private func message(
        _ id: String, _ keyword: OptOutKeyword?, ago: Duration, channel: Channel = .sms, from: String = person
    ) async throws -> InboundMessage {
        let now = try #require(
            try await harness.query("select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us").first)
        return InboundMessage(
            providerID: id, channel: channel, from: from, to: Self.number, keyword: keyword, isAnswered: false,
            bodyLength: 4, sentAt: Instant(microseconds: Int64(try now.int("us"))).advanced(by: .zero - ago))
    }

    private func suppressed(_ person: String = person) async throws -> [String] {
        try await harness.query(
            "select channel from outrider.suppressions where address = $1 and lifted_at is null order by 1",
            [.text(person)]
        ).map { try $0.string("channel") }
    }

    private func stored() async throws -> Int {
        try #require(try await harness.query("select count(*) as n from outrider.inbound_messages").first).int("n")
    }

    /// As if the interval had passed.
    private func lookAgain() async throws {
        try await harness.query("update outrider.catch_ups set look_at = clock_timestamp()")
        try await service.look()
    }

    private func serve(since: String, lastBeat: String = "0 s") async throws {
        try await harness.query(
            """
            insert into outrider.gateways (id, up_since, beat_at) values ('g', now() - $1::interval, clock_timestamp() - $2::interval)
            on conflict (id) do update set up_since = excluded.up_since, beat_at = excluded.beat_at
            """, [.text(since), .text(lastBeat)])
    }

    @Test("a STOP sent while no gateway served is found, and the next intent is not taken")
    func stop() async throws {
        list.say(try await message("SM1", .stop, ago: .seconds(3_600)))
        try await service.look()
        #expect(try await suppressed() == ["sms", "voice", "whatsapp"])
        let job = try await harness.insert("channel, address, body", "'sms', '\(Self.person)', 'x'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "opted_out")
        #expect(harness.provider.sent.isEmpty)
    }

    @Test("while a gateway serves nothing is asked; once it is gone, from shortly before its last heartbeat")
    func covered() async throws {
        try await harness.query("update outrider.senders set created_at = now()")
        try await serve(since: "1 h")
        try await service.look()
        try await lookAgain()
        #expect(list.queries.isEmpty)
        list.say(try await message("SM1", .stop, ago: .seconds(40)))
        try await serve(since: "1 h", lastBeat: "31 s")
        try await lookAgain()
        let asked = try #require(list.queries.first)
        #expect(asked.recipient == InboundQuery.Recipient(channel: .sms, address: Self.number))
        let seen = try await message("", nil, ago: .seconds(300)).sentAt
        #expect(abs(try #require(seen).duration(to: asked.since).components.seconds) < 30)
        #expect(try await suppressed().count == 3)
    }

    @Test("after the database's clock was set back by an hour a STOP that no gateway took is found all the same")
    func clockSetBack() async throws {
        try await harness.query("update outrider.senders set created_at = now()")
        try await serve(since: "2 h")
        try await service.look()
        #expect(list.queries.isEmpty)
        // The gateway ended, and an hour that was is still to come.
        try await serve(since: "1 h", lastBeat: "-1 h")
        try await harness.query(
            """
            update outrider.catch_ups set look_at = look_at + interval '1 hour', seen_until = seen_until + interval '1 hour',
                listed_until = listed_until + interval '1 hour'
            """)
        list.say(try await message("SM1", .stop, ago: .seconds(-3_590)))
        try await service.look()
        #expect(try await suppressed().count == 3)
    }

    @Test(
        "after a clock that ran ahead was put right, a STOP of that time and one of later are found where no gateway serves",
        arguments: ["4 min", "20 min", "1 h", "3 h"])
    func clockPutRight(ahead: String) async throws {
        try await service.look()
        try await harness.query(
            """
            update outrider.catch_ups set look_at = look_at + $1::interval, seen_until = seen_until + $1::interval,
                listed_until = listed_until + $1::interval
            """, [.text(ahead)])
        let other = "+48600000089"
        list.say(try await message("SM1", .stop, ago: .seconds(60)))
        list.read(.unavailable(reason: "http_503", retryAfter: nil))
        try await service.look()
        if ahead == "4 min" { try await lookAgain() }
        #expect(list.queries.count == 2)
        try await lookAgain()
        #expect(try await suppressed().count == 3)
        list.say(try await message("SM2", .stop, ago: .seconds(0), from: other))
        try await lookAgain()
        #expect(try await suppressed(other).count == 3)
        let marks = try await harness.query(
            "select max(greatest(seen_until, listed_until, pass_from)) > clock_timestamp() as ahead from outrider.catch_ups"
        )
        #expect(try !#require(marks.first).bool("ahead"))
        let queries = list.queries.count
        try await service.look()
        #expect(list.queries.count == queries, "nobody asks again and again")
    }

    @Test("a list that was begun before the clock was put right is begun again")
    func passPutRight() async throws {
        list.read(.page([], next: "2"), .unavailable(reason: "http_503", retryAfter: .seconds(600)))
        try await service.look()
        try await harness.query("update outrider.catch_ups set pass_from = pass_from + interval '1 hour'")
        list.say(try await message("SM1", .stop, ago: .seconds(0)))
        try await lookAgain()
        #expect(list.queries.map(\.page) == [nil, "2", nil])
        #expect(try await suppressed().count == 3)
    }

    @Test("a STOP that the provider could not bring to a gateway that serves is found within a quarter of an hour")
    func closedWay() async throws {
        try await harness.query("update outrider.senders set created_at = now()")
        try await serve(since: "2 h")
        try await service.look()
        list.say(try await message("SM1", .stop, ago: .seconds(1_100)))
        let listed = "update outrider.catch_ups set listed_until = now() - $1::interval"
        try await harness.query(listed, [.text("14 min 50 s")])
        try await lookAgain()
        #expect(list.queries.isEmpty)
        try await harness.query(listed, [.text("15 min 10 s")])
        try await lookAgain()
        #expect(try await suppressed().count == 3)
        try await lookAgain()
        #expect(list.queries.count == 1)
    }

    @Test("for how long nobody can have been heard is told, of the number furthest behind that is still ours")
    func unheard() async throws {
        let overview = Overview(harness.pool, deadline: .seconds(60))
        #expect(try await overview.summary().unheardSeconds == nil)
        try await serve(since: "1 h")
        list.read(.unavailable(reason: "http_503", retryAfter: nil))
        try await service.look()
        #expect(try #require(try await overview.summary().unheardSeconds) > 6 * 3_600 - 60)
        try await lookAgain()
        #expect(try #require(try await overview.summary().unheardSeconds) < 60)
        try await harness.query(
            """
            insert into outrider.catch_ups (account, channel, address, seen_until, listed_until, look_at)
            select 'AC0', 'sms', '+15005550007', t, t, t from (select now() - interval '3 hours' as t) gone
            """)
        #expect(try #require(try await overview.summary().unheardSeconds) < 60)
    }

    @Test("one gateway of two that fails leaves a gap, though the other serves")
    func oneOfTwo() async throws {
        try await harness.query("update outrider.senders set created_at = now()")
        try await serve(since: "1 h")
        try await service.look()
        #expect(list.queries.isEmpty)
        try await harness.query(
            "insert into outrider.gateways (id, up_since, beat_at) values ('h', now() - interval '1 h', now() - interval '40 s')"
        )
        try await lookAgain()
        #expect(list.queries.count == 1)
        try await harness.query("update outrider.gateways set beat_at = now() - interval '10 min' where id = 'h'")
        try await harness.query("update outrider.catch_ups set pass_from = null, seen_until = now()")
        try await lookAgain()
        #expect(list.queries.count == 1, "it has been gone since before the last look")
    }

    @Test("after it came back the list is read until lists cannot be late any more, and then no more")
    func back() async throws {
        try await serve(since: "0 s")
        try await service.look()
        try await lookAgain()
        #expect(list.queries.count == 2)
        try await serve(since: "6 min")
        try await lookAgain()
        try await lookAgain()
        #expect(list.queries.count == 2)
    }

    @Test("a list of many pages is read to its end, by whoever goes on with it, and each message counts once")
    func pages() async throws {
        for n in 0..<7 {
            list.say(try await message("SM\(n)", .stop, ago: .seconds(60 + n), from: "+4860000010\(n)"))
        }
        list.read(
            .page([try await message("SM0", .stop, ago: .seconds(60), from: "+48600000100")], next: "2"),
            .unavailable(reason: "http_503", retryAfter: nil))
        try await service.look()
        #expect(list.queries.map(\.page) == [nil, "2"])
        let before = try await harness.query(
            "select seen_until < now() - interval '5 hours' as old from outrider.catch_ups")
        #expect(try #require(before.first).bool("old"), "what is not read is not known")
        try await lookAgain()
        #expect(list.queries.map(\.page) == [nil, "2", "2", "4", "6"])
        try await lookAgain()
        #expect(try await stored() == 7)
        #expect(try await harness.query("select from outrider.suppressions").count == 21)
    }

    @Test("a list that cannot be gone on with is begun again")
    func lost() async throws {
        for n in 0..<3 { list.say(try await message("SM\(n)", nil, ago: .seconds(60 + n))) }
        list.read(.page([], next: "gone"), .lost)
        try await service.look()
        try await lookAgain()
        #expect(list.queries.map(\.page) == [nil, "gone", nil, "2"])
        #expect(try await stored() == 3)
    }

    @Test("a provider that asks for time gets it")
    func backOff() async throws {
        list.read(.unavailable(reason: "http_429", retryAfter: .seconds(120)))
        try await service.look()
        try await service.look()
        #expect(list.queries.count == 1)
        let row = try await harness.query(
            "select look_at > clock_timestamp() + interval '100 s' as late, failures from outrider.catch_ups")
        #expect(try #require(row.first).bool("late"))
        #expect(try #require(row.first).int("failures") == 1)
    }

    @Test("a provider that asks for an hour is asked once, not again and again")
    func longBackOff() async throws {
        list.read(.unavailable(reason: "http_429", retryAfter: .seconds(3_600)))
        try await service.look()
        try await service.look()
        #expect(list.queries.count == 1)
    }

    @Test("one worker looks at a number at a time, and one that slept past its lease keeps nothing")
    func lease() async throws {
        let store = CatchUpStore(pool: harness.pool)
        try await store.watch("AC1")
        guard case .span(let first) = try await store.claim("AC1", configuration) else {
            Issue.record("nothing to look at")
            return
        }
        guard case .nothing = try await store.claim("AC1", configuration) else {
            Issue.record("two look at once")
            return
        }
        try await harness.query("update outrider.catch_ups set look_at = clock_timestamp()")
        guard case .span(let second) = try await store.claim("AC1", configuration) else {
            Issue.record("nobody goes on")
            return
        }
        #expect(try await !store.keep(first, next: nil, lookAfter: .seconds(1)))
        #expect(try await store.keep(second, next: nil, lookAfter: .seconds(1)))
    }

    @Test("what a webhook brought is not taken twice")
    func webhook() async throws {
        let receipts = ReceiptStore(harness.pool)
        for (id, word) in [("SM1", OptOutKeyword.stop), ("SM2", .start)] {
            try await receipts.store([
                .inbound(
                    InboundArrival(providerID: id, channel: .sms, from: Self.person, to: Self.number, keyword: word))
            ])
        }
        #expect(try await suppressed().count == 3)
        list.say(try await message("SM1", .stop, ago: .seconds(2)), try await message("SM2", .start, ago: .seconds(1)))
        try await service.look()
        #expect(try await suppressed().isEmpty, "the list knows which was the last")
        #expect(try await stored() == 2)
        try await lookAgain()
        #expect(try await suppressed().isEmpty)
    }

    @Test(
        "in whatever order webhooks and lists tell of words, the person's last one counts once the list knows them all"
    )
    func webhooksAndLists() async throws {
        var people = 0
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for brought in 0..<8 {
                for last in [OptOutKeyword.stop, .start] {
                    people += 1
                    let webhooks = order.filter { brought & 1 << $0 != 0 }
                    try await hear(last, from: "+486000010\(people)", order, webhooks)
                }
            }
        }
    }

    /// One person's word, its opposite, and it again, 3 s apart: some by webhook, then all by list.
    private func hear(_ last: OptOutKeyword, from person: String, _ order: [Int], _ webhooks: [Int]) async throws {
        let receipts = ReceiptStore(harness.pool)
        let opposite: OptOutKeyword = last == .stop ? .start : .stop
        let said = [
            try await message("\(person) 0", last, ago: .seconds(40), from: person),
            try await message("\(person) 1", opposite, ago: .seconds(37), from: person),
            try await message("\(person) 2", last, ago: .seconds(34), from: person),
        ]
        for index in webhooks {
            var webhook = InboundArrival(said[index])
            webhook.sentAt = nil
            try await receipts.store([.inbound(webhook)])
        }
        let isStopKnown = webhooks.contains { said[$0].keyword == .stop }
        #expect(
            try await suppressed(person).isEmpty == !isStopKnown,
            "a START does not win before the list is read: \(last), \(webhooks)")
        for index in order.reversed() { try await receipts.store([.inbound(InboundArrival(said[index]))]) }
        #expect(try await suppressed(person).isEmpty == (last == .start), "\(last), \(webhooks), \(order)")
    }

    @Test("a number whose last word is in doubt is listed although a gateway serves, until lists cannot be late")
    func doubt() async throws {
        try await harness.query("update outrider.senders set created_at = now()")
        try await serve(since: "2 h")
        try await service.look()
        #expect(list.queries.isEmpty)
        try await harness.query("update outrider.catch_ups set asked_at = now() - interval '30 s'")
        try await lookAgain()
        try await lookAgain()
        #expect(list.queries.count == 2)
        try await harness.query("update outrider.catch_ups set asked_at = now() - interval '2 min'")
        try await lookAgain()
        #expect(list.queries.count == 2)
    }

    @Test(
        "in whatever order words are learnt, the person's last one counts",
        arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]], [OptOutKeyword.stop, .start])
    func words(order: [Int], last: OptOutKeyword) async throws {
        let opposite: OptOutKeyword = last == .stop ? .start : .stop
        let said = [
            try await message("SM0", last, ago: .seconds(300)), try await message("SM1", opposite, ago: .seconds(200)),
            try await message("SM2", last, ago: .seconds(100)),
        ]
        let receipts = ReceiptStore(harness.pool)
        for index in order { try await receipts.store([.inbound(InboundArrival(said[index]))]) }
        #expect(try await suppressed().isEmpty == (last == .start))
        try await receipts.store(order.map { .inbound(InboundArrival(said[$0])) })
        #expect(try await suppressed().isEmpty == (last == .start), "repeated")
        // The same in one batch.
        let other = "+48600000089"
        let together = order.map { index in
            var message = said[index]
            (message.providerID, message.from) = (message.providerID + "b", other)
            return Arrival.inbound(InboundArrival(message))
        }
        try await receipts.store(together)
        #expect(try await suppressed(other).isEmpty == (last == .start))
    }

    @Test("an old START does not undo a STOP that a webhook brought, nor a block or an operator's word of later")
    func oldStart() async throws {
        let receipts = ReceiptStore(harness.pool)
        try await receipts.store([
            .inbound(
                InboundArrival(providerID: "SM2", channel: .sms, from: Self.person, to: Self.number, keyword: .stop))
        ])
        try await harness.query(
            """
            insert into outrider.suppressions (address, channel, reason, source) values
                ('+48600000081', 'sms', 'provider 21610', 'test'), ('+48600000082', 'sms', 'operator', 'test')
            """)
        list.say(
            try await message("SM1", .start, ago: .seconds(60)), try await message("SM3", .start, ago: .seconds(-1)),
            try await message("SM4", .start, ago: .seconds(60), from: "+48600000081"),
            try await message("SM5", .start, ago: .seconds(60), from: "+48600000082"))
        try await service.look()
        // SM3 says it is later, but by another clock than the one that dated the webhook.
        #expect(try await suppressed().count == 3)
        #expect(try await suppressed("+48600000081") == ["sms"])
        #expect(try await suppressed("+48600000082") == ["sms"])
    }

    @Test("an old STOP does not undo a START that a webhook brought")
    func oldStop() async throws {
        try await ReceiptStore(harness.pool).store([
            .inbound(
                InboundArrival(providerID: "SM2", channel: .sms, from: Self.person, to: Self.number, keyword: .start))
        ])
        list.say(try await message("SM1", .stop, ago: .seconds(90)))
        try await service.look()
        #expect(try await suppressed().isEmpty)
    }

    @Test("a WhatsApp window opens with the message's own time, and no replay moves it")
    func window() async throws {
        try await harness.query("update outrider.senders set channel = 'whatsapp' where channel = 'sms'")
        let opened = """
            select extract(epoch from now() - last_inbound_at)::integer / 60 as minutes from outrider.whatsapp_windows
            """
        list.say(try await message("SM1", nil, ago: .seconds(7_200), channel: .whatsapp))
        try await service.look()
        #expect(try #require(try await harness.query(opened).first).int("minutes") == 120)
        try await ReceiptStore(harness.pool).store([
            .inbound(InboundArrival(providerID: "SM2", channel: .whatsapp, from: Self.person, to: Self.number))
        ])
        list.say(
            try await message("SM3", nil, ago: .seconds(200), channel: .whatsapp),
            try await message("SM2", nil, ago: .seconds(-600), channel: .whatsapp),
            try await message("SM4", nil, ago: .seconds(-600), channel: .whatsapp))
        try await lookAgain()
        #expect(try await stored() == 4)
        // What is dated in the future came now.
        #expect(try #require(try await harness.query(opened).first).int("minutes") == 0)
    }

    @Test("with a Messaging Service the whole account is listed, once")
    func messagingService() async throws {
        try await harness.query(
            """
            insert into outrider.senders (name, channel, address) values
                ('service', 'sms', 'MG00000000000000000000000000000000'), ('chats', 'whatsapp', 'MG00000000000000000000000000000001'),
                ('name', 'sms', 'Example')
            """)
        try await service.look()
        #expect(
            Set(list.queries.map(\.recipient)) == [nil, InboundQuery.Recipient(channel: .sms, address: Self.number)])
        #expect(list.queries.count == 2)
    }

    @Test("once a gateway came back, attempts in flight are asked about early, and those without news wait on")
    func hasten() async throws {
        let columns = "channel, address, body, subject, wait_seconds"
        let told = try await harness.insert(columns, "'sms', '+48600000090', 'x', null, 3600")
        let quiet = try await harness.insert(columns, "'sms', '+48600000091', 'x', null, 3600")
        let mail = try await harness.insert(columns, "'email', 'k@example.com', 'x', 'x', 3600")
        harness.provider.tell(
            "SM\(told)-1",
            .facts([
                Receipt(
                    status: "delivered", fact: .reached(.delivered), codeTable: .twilio, defaultClass: .unknown)
            ]))
        try await harness.working {
            try await harness.eventually("all are taken") {
                try await harness.query("select from outrider.due where reason = 'receipt'").count == 3
            }
            try await serve(since: "0 s")
            try await service.look()
            try await harness.eventually("one is delivered") { try await harness.outcome(of: told) == "delivered" }
            try await harness.eventually("the others wait on") { try await waitingOn() == [quiet, mail] }
            // Once a gap.
            try await service.look()
            #expect(try await waitingOn() == [quiet, mail])
        }
        #expect(harness.provider.asked.sorted() == ["SM\(told)-1", "SM\(quiet)-1"].sorted() + ["SM\(mail)-1"])
        #expect(harness.provider.sent.count == 3)
    }

    /// The jobs that wait for a receipt for most of an hour, each as often as it has a due row.
    private func waitingOn() async throws -> [Int] {
        try await harness.query(
            """
            select job_id from outrider.due where reason = 'receipt' and at > now() + interval '50 minutes' order by 1
            """
        ).map { try $0.int("job_id") }
    }
}

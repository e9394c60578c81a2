import Delivery
import JobQueue
import Logging
import Providers
import Testing

@testable import Worker

@Suite("Asking what a number is", .timeLimit(.minutes(1)))
struct NumberDeskTests {
    private let source = ScriptedNumbers()
    private let clock = StandingClock(isOpen: false)
    private let desk: NumberDesk

    init() {
        desk = NumberDesk(source, clock: clock.work, logger: Logger(label: "test"))
    }

    private func job(_ change: (inout TakenJob) -> Void = { _ in }) -> TakenJob {
        Sample.job(1) { job in
            job.lookupRule = LookupRule(category: .transactional, asksLineType: true)
            change(&job)
        }
    }

    private func learn(_ job: TakenJob? = nil, within time: Duration = .seconds(5)) async -> NumberLookup {
        await desk.learn(of: job ?? self.job(), before: clock.work.now + time)
    }

    @Test(
        "an answer is waited for two seconds at most, and half of what its send has left; little is left to the send"
    )
    func time() async {
        _ = await learn(within: .seconds(5))
        _ = await learn(within: .milliseconds(700))
        _ = await learn(within: .milliseconds(500))
        #expect(await learn(within: .milliseconds(499)).answers.isEmpty)
        #expect(await learn(within: .zero).answers.isEmpty)
        #expect(source.asked.map(\.time) == [.seconds(2), .milliseconds(350), .milliseconds(250)])
    }

    @Test("sixteen are asked about at once; the others are sent to without an answer")
    func crowd() async {
        let mobile = LookupReading.told(NumberLookup([.lineType: .line(.mobile)]))
        let held = HeldNumbers(holding: NumberDesk.mostAtOnce, others: mobile)
        let desk = NumberDesk(held, clock: clock.work, logger: Logger(label: "test"))
        let fence = clock.work.now + .seconds(5)
        await withTaskGroup(of: NumberLookup.self) { group in
            for _ in 0..<NumberDesk.mostAtOnce { group.addTask { await desk.learn(of: job(), before: fence) } }
            await held.whole()
            #expect(await desk.learn(of: job(), before: fence).answers.isEmpty)
            held.answer(mobile)
            for await lookup in group { #expect(lookup.lineType == .mobile) }
        }
        #expect(await desk.learn(of: job(), before: fence).lineType == .mobile)
    }

    @Test("an answer that was under way ends no pause, and a failure that was shortens none")
    func underWay() async {
        for late in [
            LookupReading.told(NumberLookup([.lineType: .line(.mobile)])),
            .unavailable(code: "60616", isRateLimited: true, retryAfter: .seconds(3)),
        ] {
            let held = HeldNumbers(
                holding: 1, others: .unavailable(code: "20429", isRateLimited: true, retryAfter: .seconds(60)))
            let desk = NumberDesk(held, clock: clock.work, logger: Logger(label: "test"))
            let fence = clock.work.now + .seconds(5)
            async let first = desk.learn(of: job(), before: fence)
            await held.whole()
            _ = await desk.learn(of: job(), before: fence)
            held.answer(late)
            _ = await first
            clock.pass(.seconds(59))
            #expect(await desk.learn(of: job(), before: clock.work.now + .seconds(5)).answers.isEmpty)
            clock.pass(.seconds(1))
            #expect(await !desk.learn(of: job(), before: clock.work.now + .seconds(5)).answers.isEmpty)
        }
    }

    @Test("nothing is asked without a rule, of what is known already, and of what is no number")
    func unasked() async {
        for change in [
            { $0.lookupRule = nil }, { $0.lookup = NumberLookup([.lineType: .line(.mobile)]) },
            { $0.lookup = NumberLookup([.lineType: .nothing(code: "told_nothing")]) }, { $0.address = "12345" },
            { $0.channel = .voice }, { $0.channel = .whatsapp },
        ] as [(inout TakenJob) -> Void] {
            #expect(await learn(job(change)).answers.isEmpty)
        }
        #expect(source.asked.isEmpty)
        #expect(
            await NumberDesk(nil, clock: clock.work, logger: Logger(label: "test"))
                .learn(of: job(), before: clock.work.now + .seconds(1)).answers.isEmpty)
    }

    @Test("three failures in a row leave Lookup alone for half a minute, and one answer between lets it go on")
    func pause() async {
        let number = "+15550000001"
        let failing = LookupReading.unavailable(code: "http_503", isRateLimited: false, retryAfter: nil)
        source.tell(number, failing)
        _ = await learn()
        #expect(await learn().answers == [.lineType: .nothing(code: "http_503")])
        source.tell(number, [.lineType: .line(.landline)])
        #expect(await learn().lineType == .landline)
        source.tell(number, failing)
        for _ in 1...3 { _ = await learn() }
        #expect(source.asked.count == 6)
        clock.pass(.seconds(29))
        #expect(await learn().answers.isEmpty && source.asked.count == 6)
        clock.pass(.seconds(1))
        _ = await learn()
        #expect(source.asked.count == 7)
    }

    @Test("too many requests leave it alone at once, as long as it asks")
    func limited() async {
        source.tell("+15550000001", .unavailable(code: "60616", isRateLimited: true, retryAfter: .seconds(3)))
        #expect(await learn().answers == [.lineType: .nothing(code: "60616")])
        clock.pass(.seconds(2))
        _ = await learn()
        #expect(source.asked.count == 1)
        clock.pass(.seconds(1))
        _ = await learn()
        #expect(source.asked.count == 2)
    }

    @Test(
        "a package that is not enabled counts as a failure; a number of which nothing is known does not",
        arguments: [
            ("60606", 3), ("60613", 3), ("60601", 9), ("60607", 9), ("no_score", 9), ("not_in_the_answer", 9),
            ("20404", 9),
        ])
    func codes(_ row: (code: String, asked: Int)) async {
        source.tell("+15550000001", [.lineType: .nothing(code: row.code)])
        for _ in 1...9 { _ = await learn() }
        #expect(source.asked.count == row.asked)
    }

    @Test("where one question is answered, the other's failure ends no asking")
    func half() async {
        source.tell("+15550000001", [.lineType: .line(.mobile), .risk: .nothing(code: "60606")])
        let both = job { $0.lookupRule = LookupRule(category: .transactional, asksLineType: true, holdsOver: 50) }
        for _ in 1...9 { _ = await learn(both) }
        #expect(source.asked.count == 9)
    }
}

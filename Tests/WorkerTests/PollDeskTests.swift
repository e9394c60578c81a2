import Delivery
import Providers
import Synchronization
import Testing

@testable import Worker

@Suite("Polls keep to a budget", .timeLimit(.minutes(5)))
struct PollDeskTests {
    private final class ScriptedStatuses: StatusSource {
        struct State {
            var asked: [String] = []
            var pages: [String?] = []
            var listed: [[String]] = []
            var pushbacks: [Pushback?] = []
        }
        let state: Mutex<State>

        init(listed: [[String]] = [], pushbacks: [Pushback?] = []) {
            state = Mutex(State(listed: listed, pushbacks: pushbacks))
        }

        var asked: [String] { state.withLock { $0.asked } }
        var pages: [String?] { state.withLock { $0.pages } }

        func status(of providerID: String, on channel: Channel) async -> (StatusReading, Pushback?) {
            state.withLock { state in
                state.asked.append(providerID)
                let pushback = state.pushbacks.isEmpty ? nil : state.pushbacks.removeFirst()
                return (
                    pushback == nil ? .facts([Self.receipt(providerID)]) : .unavailable(reason: "http_429"), pushback
                )
            }
        }

        func statuses(page: String?) async -> (StatusPage, Pushback?) {
            state.withLock { state in
                state.pages.append(page)
                let index = page.flatMap(Int.init) ?? 0
                guard index < state.listed.count else { return (.unavailable, nil) }
                let receipts = Dictionary(uniqueKeysWithValues: state.listed[index].map { ($0, Self.receipt($0)) })
                return (.page(receipts, next: index + 1 < state.listed.count ? String(index + 1) : nil), nil)
            }
        }

        static func receipt(_ id: String) -> Receipt {
            Receipt(status: "sent", fact: .reached(.sent), codeTable: .twilio, defaultClass: .unknown, providerID: id)
        }
    }

    /// Asks for the first of `ids`, then for the others at once, and opens the clock when they all wait.
    private func ask(
        _ ids: [String], on channel: Channel, _ desk: PollDesk, _ clock: StandingClock
    ) async throws -> [String: StatusReading] {
        let first = await desk.reading(of: ids[0], on: channel)
        return try await withThrowingTaskGroup { tasks in
            for id in ids.dropFirst() { tasks.addTask { (id, await desk.reading(of: id, on: channel)) } }
            let deadline = ContinuousClock.now + .seconds(90)
            while await desk.waiting < ids.count - 1 {
                try #require(ContinuousClock.now < deadline)
                await Task.yield()
            }
            clock.open()
            return try await tasks.reduce(into: [ids[0]: first]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("no more questions a second than the budget, and every caller has its answer")
    func rate() async throws {
        let (clock, source) = (StandingClock(isOpen: false), ScriptedStatuses())
        let desk = PollDesk(source, budget: PollBudget(perSecond: 20), clock: clock.work)
        let ids = (0..<41).map { "CA\($0)" }
        let readings = try await ask(ids, on: .voice, desk, clock)
        #expect(Set(source.asked) == Set(ids) && source.asked.count == ids.count)
        for id in ids { #expect(readings[id] == .facts([ScriptedStatuses.receipt(id)])) }
        #expect(clock.passed >= .seconds(2))
        #expect(source.pages.isEmpty, "calls are in no list of messages")
    }

    @Test("many messages are answered by a few pages, and what is on none of them is asked about by itself")
    func pages() async throws {
        let ids = (0..<40).map { "SM\($0)" }
        let clock = StandingClock(isOpen: false)
        let source = ScriptedStatuses(listed: [Array(ids[..<25]), ["SMother"], Array(ids[25..<39])])
        let desk = PollDesk(source, budget: PollBudget(perSecond: 20, listFrom: 5), clock: clock.work)
        let readings = try await ask(ids, on: .sms, desk, clock)
        for id in ids { #expect(readings[id] == .facts([ScriptedStatuses.receipt(id)])) }
        #expect(source.pages == [nil, "1", "2"])
        #expect(source.asked.count <= 2 && source.asked.contains("SM39"), "\(source.asked)")
    }

    @Test("pages that show none of them are not read on and on")
    func dry() async throws {
        let ids = (0..<12).map { "SM\($0)" }
        let clock = StandingClock(isOpen: false)
        let source = ScriptedStatuses(listed: (0..<50).map { ["SMother\($0)"] })
        let desk = PollDesk(source, budget: PollBudget(perSecond: 20, listFrom: 5), clock: clock.work)
        let readings = try await ask(ids, on: .whatsapp, desk, clock)
        #expect(readings.count == 12 && source.asked.count == 12)
        #expect(source.pages == [nil, "1", "2"])
    }

    @Test("a provider that wants to be left alone is, for as long as it says, and then asked again")
    func pushback() async throws {
        let (clock, source) = (
            StandingClock(isOpen: true),
            ScriptedStatuses(pushbacks: [Pushback(retryAfter: .seconds(30)), nil, Pushback(), nil])
        )
        let desk = PollDesk(source, budget: PollBudget(), clock: clock.work)
        #expect(await desk.reading(of: "SM1", on: .sms) == .unavailable(reason: "http_429"))
        #expect(await desk.reading(of: "SM1", on: .sms) == .unavailable(reason: "asked_too_much"))
        clock.pass(.seconds(29))
        #expect(await desk.reading(of: "SM1", on: .sms) == .unavailable(reason: "asked_too_much"))
        #expect(source.asked.count == 1)
        clock.pass(.seconds(1))
        #expect(await desk.reading(of: "SM1", on: .sms) == .facts([ScriptedStatuses.receipt("SM1")]))
        // Without a time of its own, a second or so.
        #expect(await desk.reading(of: "SM1", on: .sms) == .unavailable(reason: "http_429"))
        #expect(await desk.reading(of: "SM1", on: .sms) == .unavailable(reason: "asked_too_much"))
        clock.pass(.seconds(2))
        #expect(await desk.reading(of: "SM1", on: .sms) == .facts([ScriptedStatuses.receipt("SM1")]))
    }
}

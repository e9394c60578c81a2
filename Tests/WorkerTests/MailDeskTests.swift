import Delivery
import Providers
import Testing

@testable import Worker

@Suite("Polls of mail are answered by searches of the e-mail logs", .timeLimit(.minutes(5)))
struct MailDeskTests {
    private static func at(_ seconds: Double) -> Instant {
        Instant(microseconds: 1_700_000_000_000_000 + Int64(seconds * 1_000_000))
    }

    private static func receipt(_ level: SuccessLevel = .delivered) -> Receipt {
        Receipt(status: level.rawValue, fact: .reached(level), codeTable: .sendgrid, defaultClass: .unknown)
    }

    private static let drop = Receipt(
        status: "dropped", fact: .failed, codeTable: .sendgrid, defaultClass: .unreachable)
    private static let reasoned = Receipt(
        status: "dropped unsubscribed_address", fact: .failed, codeTable: .sendgrid, defaultClass: .optedOut)

    private static func question(_ id: String, _ seconds: Double?) -> PollQuestion {
        PollQuestion(providerID: id, channel: .email, takenAt: seconds.map(at))
    }

    private func desk(_ log: ScriptedMailLog, _ clock: StandingClock) -> MailDesk {
        MailDesk(log, budget: .mail, clock: clock.work)
    }

    /// Asks the first question, then the others at once, and opens the clock when they all wait.
    private func ask(
        _ questions: [PollQuestion], _ log: ScriptedMailLog, _ clock: StandingClock
    ) async throws -> [String: StatusReading] {
        let desk = desk(log, clock)
        let first = await desk.reading(of: questions[0])
        return try await withThrowingTaskGroup { tasks in
            for question in questions.dropFirst() {
                tasks.addTask { (question.providerID, await desk.reading(of: question)) }
            }
            let deadline = ContinuousClock.now + .seconds(90)
            while await desk.waiting < questions.count - 1 {
                try #require(ContinuousClock.now < deadline)
                await Task.yield()
            }
            clock.open()
            return try await tasks.reduce(into: [questions[0].providerID: first]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("one search answers everybody whose mail it shows, and who is not there yet hears no news")
    func batch() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: false))
        let mails = (0..<200).map {
            ScriptedMailLog.Mail(id: "M\($0)", takenAt: Self.at(Double($0)), receipt: Self.receipt())
        }
        log.keep(mails)
        let questions = (0..<203).map { Self.question("M\($0)", Double($0)) }
        let readings = try await ask([Self.question("M0", 0)] + questions.dropFirst(), log, clock)
        for mail in mails { #expect(readings[mail.id] == .facts([Self.receipt()])) }
        for id in ["M200", "M201", "M202"] { #expect(readings[id] == .facts([]), "\(id)") }
        #expect(log.spans.count == 2 && log.asked.isEmpty)
    }

    @Test("a page that is cut off proves nothing: what it hides is looked for in a smaller span")
    func cut() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 20), StandingClock(isOpen: true))
        log.keep(
            (0..<400).map {
                ScriptedMailLog.Mail(id: "M\($0)", takenAt: Self.at(Double($0) * 2), receipt: Self.receipt())
            })
        let desk = desk(log, clock)
        for index in [399, 150, 0] {
            let reading = await desk.reading(of: Self.question("M\(index)", Double(index) * 2 + 0.5))
            #expect(reading == .facts([Self.receipt()]), "M\(index)")
        }
        // Where no span is small enough, it comes to an end all the same.
        log.keep(
            (0..<50).map { ScriptedMailLog.Mail(id: "B\($0)", takenAt: Self.at(9_000), receipt: Self.receipt()) })
        #expect(await desk.reading(of: Self.question("B49", 9_000)) == .facts([]))
        #expect(log.spans.count < 40 && log.addresses.isEmpty)
    }

    @Test("where no span is small enough, the last question about a mail is asked by its address")
    func crowd() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 20), StandingClock(isOpen: true))
        log.keep(
            (0..<500).map {
                ScriptedMailLog.Mail(
                    id: "M\($0)", takenAt: Self.at(0), receipt: $0 == 499 ? Self.drop : Self.receipt(),
                    lacksReason: $0 == 499, address: "\($0)@example.com")
            })
        log.tell("M499.recvd-1", .facts([Self.reasoned]))
        let desk = desk(log, clock)
        func ask(_ id: String, _ address: String?, isLast: Bool = true) async -> StatusReading {
            await desk.reading(
                of: PollQuestion(
                    providerID: id, channel: .email, takenAt: Self.at(0), address: address, isLast: isLast))
        }
        #expect(await ask("M498", "498@example.com", isLast: false) == .facts([]))
        #expect(log.addresses.isEmpty, "whoever asks again later can wait")
        #expect(await ask("M498", "498@example.com") == .facts([Self.receipt()]))
        #expect(await ask("M499", "499@example.com") == .facts([Self.reasoned]))
        #expect(await ask("M500", "500@example.com") == .facts([]))
        #expect(await ask("M498", nil) == .facts([]))
        #expect(await ask("M3", "3@example.com") == .facts([Self.receipt()]))
        #expect(log.addresses == ["498@example.com", "499@example.com", "500@example.com"])
        #expect(log.asked == ["M499.recvd-1"])
        #expect(log.spans.compactMap(\.self).allSatisfy { $0.from <= Self.at(0) && Self.at(0) <= $0.to })
    }

    @Test("who is asked for alone does not keep the others from their searches")
    func inTurn() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 20), StandingClock(isOpen: false))
        log.keep(
            (0..<400).map {
                ScriptedMailLog.Mail(
                    id: "M\($0)", takenAt: Self.at(0), receipt: Self.receipt(), address: "\($0)@example.com")
            })
        let alone = (100..<108).map {
            PollQuestion(
                providerID: "M\($0)", channel: .email, takenAt: Self.at(0), address: "\($0)@example.com", isLast: true)
        }
        let other = Self.question("W", 900_000)
        _ = try await ask([Self.question("M0", 0)] + alone + [other], log, clock)
        let its = try #require(log.spans.firstIndex { $0.map { $0.to > Self.at(800_000) } ?? false })
        // A search for one address covers ten minutes.
        let before = log.spans[..<its].count { $0.map { $0.from.duration(to: $0.to) == .seconds(600) } ?? false }
        #expect(before == 1 && log.addresses.count == 8)
    }

    @Test("a narrow search proves nothing of a mail that the provider dated otherwise: it is asked for by its address")
    func otherClock() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 20), StandingClock(isOpen: true))
        log.keep(
            (0..<400).map {
                ScriptedMailLog.Mail(
                    id: "M\($0)", takenAt: Self.at(Double($0) / 2), receipt: Self.receipt(),
                    address: "\($0)@example.com")
            })
        let desk = desk(log, clock)
        for seconds in [-60, -2.6, 2.6, 60] {
            let question = PollQuestion(
                providerID: "M200", channel: .email, takenAt: Self.at(100 + seconds), address: "200@example.com",
                isLast: true)
            #expect(await desk.reading(of: question) == .facts([Self.receipt()]), "\(seconds) s off")
        }
        #expect(log.addresses.count >= 3 && Set(log.addresses) == ["200@example.com"])
    }

    @Test("who is asked for alone is few at a time; the others are to ask again")
    func fewAlone() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 20), StandingClock(isOpen: false))
        log.keep(
            (0..<400).map {
                ScriptedMailLog.Mail(
                    id: "M\($0)", takenAt: Self.at(0), receipt: Self.receipt(), address: "\($0)@example.com")
            })
        let crowd = (100..<140).map {
            PollQuestion(
                providerID: "M\($0)", channel: .email, takenAt: Self.at(0), address: "\($0)@example.com", isLast: true)
        }
        // The first is shown by any page.
        let readings = try await ask([Self.question("M0", 0)] + crowd, log, clock)
        #expect(readings["M0"] == .facts([Self.receipt()]))
        let told = crowd.filter { readings[$0.providerID] == .facts([Self.receipt()]) }
        let refused = crowd.filter { readings[$0.providerID] == .unavailable(reason: "asked_too_much") }
        #expect(told.count == 8 && refused.count == 32)
        #expect(log.addresses.count == 8)
    }

    @Test("a refused search by address is no answer, and quiets the desk")
    func refusedAddress() async throws {
        let (log, clock) = (ScriptedMailLog(pageSize: 0), StandingClock(isOpen: true))
        let desk = desk(log, clock)
        let question = PollQuestion(
            providerID: "M1", channel: .email, takenAt: Self.at(0), address: "1@example.com", isLast: true)
        // Every page is cut off, however narrow its span.
        #expect(await desk.reading(of: question) == .facts([]))
        let searches = log.spans.count
        #expect(log.addresses == ["1@example.com"])
        log.answer(.page([:], isWhole: false))
        log.answer(.unavailable(reason: "http_429"), Pushback(retryAfter: .seconds(30)))
        #expect(await desk.reading(of: question) == .unavailable(reason: "http_429"))
        #expect(await desk.reading(of: question) == .unavailable(reason: "asked_too_much"))
        #expect(log.spans.count == searches + 2)
    }

    @Test("no more searches a second than the budget")
    func rate() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: false))
        // Days apart, so that no search answers two.
        let questions = (0..<9).map { Self.question("M\($0)", Double($0) * 900_000) }
        let readings = try await ask(questions, log, clock)
        #expect(readings.count == 9 && readings.values.allSatisfy { $0 == .facts([]) })
        #expect(log.spans.count == 9 && clock.passed >= .seconds(4))
    }

    @Test("a mail whose time nobody knows is looked for where the logs begin")
    func timeless() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: true))
        log.keep([.init(id: "M1", takenAt: Self.at(1), receipt: Self.receipt(.sent))])
        let provider = BudgetedProvider(
            ScriptedProvider(), statuses: NoStatuses(), budget: PollBudget(), mailLog: log, clock: clock.work)
        #expect(await provider.receipts(of: "M1", on: .email) == .facts([Self.receipt(.sent)]))
        #expect(await provider.receipts(of: "M2", on: .email) == .facts([]))
        #expect(log.spans == [nil, nil])
    }

    @Test(
        "where the logs do not say why a mail was dropped, its events are asked for, and no other's")
    func details() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: true))
        log.keep([
            .init(id: "D1", takenAt: Self.at(1), receipt: Self.drop, lacksReason: true),
            .init(id: "D2", takenAt: Self.at(1), receipt: Self.drop, lacksReason: true),
            .init(id: "D3", takenAt: Self.at(1), receipt: Self.drop, lacksReason: true),
            .init(id: "M1", takenAt: Self.at(1), receipt: Self.receipt()),
        ])
        log.tell("D1.recvd-1", .facts([Self.reasoned]))
        log.tell("D2.recvd-1", .unavailable(reason: "http_500"))
        let desk = desk(log, clock)
        #expect(await desk.reading(of: Self.question("D1", 1)) == .facts([Self.reasoned]))
        #expect(await desk.reading(of: Self.question("D2", 1)) == .unavailable(reason: "http_500"))
        #expect(await desk.reading(of: Self.question("D3", 1)) == .facts([Self.drop]))
        #expect(await desk.reading(of: Self.question("M1", 1)) == .facts([Self.receipt()]))
        #expect(log.asked == ["D1.recvd-1", "D2.recvd-1", "D3.recvd-1"])
    }

    @Test("SendGrid's limit quiets the polls of mail for as long as it says, and no poll of Twilio's")
    func pushback() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: true))
        let provider = BudgetedProvider(
            ScriptedProvider(), statuses: NoStatuses(), budget: PollBudget(), mailLog: log, clock: clock.work)
        log.answer(.unavailable(reason: "http_429"), Pushback(retryAfter: .seconds(30)))
        let question = Self.question("M1", 1)
        #expect(await provider.receipts(for: question) == .unavailable(reason: "http_429"))
        #expect(await provider.receipts(for: question) == .unavailable(reason: "asked_too_much"))
        #expect(await provider.receipts(of: "SM1", on: .sms) == .notFound)
        clock.pass(.seconds(31))
        #expect(await provider.receipts(for: question) == .facts([]))
        #expect(log.spans.count == 2)
    }

    @Test("an account without logs has no news, and is asked for them again only after ten minutes")
    func absent() async throws {
        let (log, clock) = (ScriptedMailLog(), StandingClock(isOpen: true))
        let desk = desk(log, clock)
        log.answer(.absent)
        log.keep([.init(id: "M1", takenAt: Self.at(1), receipt: Self.receipt())])
        for _ in 0..<5 { #expect(await desk.reading(of: Self.question("M1", 1)) == .facts([])) }
        #expect(log.spans.count == 1)
        clock.pass(.seconds(600))
        #expect(await desk.reading(of: Self.question("M1", 1)) == .facts([Self.receipt()]))
    }

    @Test("without logs to search, a mail's poll is the base provider's affair")
    func withoutLog() async {
        let base = ScriptedProvider()
        let provider = BudgetedProvider(base, statuses: NoStatuses(), budget: PollBudget())
        #expect(await provider.receipts(of: "M1", on: .email) == .facts([]))
        #expect(base.asked == ["M1"])
    }

    /// Twilio, which knows nothing.
    private struct NoStatuses: StatusSource {
        func status(of providerID: String, on channel: Channel) async -> (StatusReading, Pushback?) { (.notFound, nil) }
        func statuses(page: String?) async -> (StatusPage, Pushback?) { (.unavailable, nil) }
    }
}

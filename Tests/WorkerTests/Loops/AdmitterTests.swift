import Delivery
import JobQueue
import Providers
import Synchronization
import Testing

@testable import Worker

@Suite("What is done with each row of a take")
struct AdmitterTests {
    private func judge(
        _ take: Take, lane: LaneState = Sample.lane(), room: Int = 100, rate: Double? = nil, asks: Int = 100,
        timing: Timing = Timing(), gate: AskGate? = nil, contact: ContactRules = ContactRules(),
        rule: (@Sendable (Admission.Facts) -> Admission)? = nil
    ) -> Admitter.Judgement {
        var admitter = Admitter(
            lane: lane, room: room, configuration: WorkerConfiguration(timing: timing),
            gate: gate ?? AskGate(perSecond: asks),
            clock: StandingClock(isOpen: false).work, rules: contact)
        if let rule { admitter.rule = rule }
        let ledger = RateLedger()
        let sender = SenderState(id: 1, channel: .sms, rate: rate)
        _ = ledger.window(of: sender)
        var purse = ledger.purse(
            of: sender, owning: ledger.window(of: sender)?.ownedSlot, in: take, isUrgent: lane.isUrgent)
        return admitter.judge(take, paying: &purse)
    }

    /// The events of all records, as `job generation kind status code`.
    private func events(_ judgement: Admitter.Judgement) -> [String] {
        judgement.verdict.records.flatMap(\.events).map { event in
            let columns = event.columns
            return ["\(event.jobID)", "\(event.generation)", columns.kind, columns.status, columns.code]
                .compactMap(\.self).joined(separator: " ")
        }
    }

    // MARK: Rows that send nothing

    struct Dead: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout TakenJob) -> Void
        /// What is recorded.
        var events: [String]
        var testDescription: String { name }
    }

    static let deadRows: [Dead] = [
        Dead(name: "ended", change: { $0.isEnded = true }, events: []),
        Dead(name: "begun", change: { $0.isBegun = true }, events: []),
        Dead(
            name: "suppressed", change: { $0.isSuppressed = true },
            events: ["1 1 answer skipped opted_out", "1 0 outcome ended opted_out"]),
        Dead(
            name: "expired", change: { $0.expiresAt = $0.takenAt },
            events: ["1 1 answer not_sent", "1 0 outcome ended expired"]),
        Dead(
            name: "no address", change: { $0.address = nil },
            events: ["1 1 answer skipped no_address", "1 0 outcome ended exhausted"]),
        Dead(
            name: "no text", change: { $0.content = JobContent() },
            events: ["1 1 answer skipped no_content", "1 1 next decided escalate"]),
    ]

    @Test("a row that sends nothing is recorded and done with, at no cost of room or rate", arguments: deadRows)
    func dead(_ row: Dead) {
        let take = Sample.take([Sample.job(1, change: row.change), Sample.job(2)], wonSlot: 7)
        let judgement = judge(take, room: 1, rate: 1)
        #expect(events(judgement) == row.events)
        #expect(judgement.verdict.sends.map(\.job.id) == [2])
        #expect(judgement.dead == 1 && judgement.left == 0 && judgement.rows == 2)
        #expect(judgement.verdict.done.map(\.jobID) == [1, 2] && judgement.last == take.rows[1].due.key)
        // What follows hangs on the event, so that it is there once.
        for record in judgement.verdict.records where record.dueRow != nil {
            #expect(record.fence.map { fence in record.events.contains { $0.key == fence } } == true)
        }
    }

    @Test("a job that no sender serves on any step is held for a person")
    func noSender() {
        let judgement = judge(
            Sample.take([
                Sample.job(1) { job in
                    job.sender = nil
                    job.ladder = Ladder(steps: [job.ladder.steps[0]])
                }
            ]), lane: Sample.lane(10))
        #expect(events(judgement).contains("1 1 held held"))
        #expect(judgement.verdict.done.map(\.jobID) == [1] && judgement.verdict.sends.isEmpty)
    }

    @Test("a row without a job is dropped, one that cannot be read is held with its reason")
    func unreadable() {
        let rows = [
            TakenRow(Sample.job(1).due, .gone), TakenRow(Sample.job(2).due, .unreadable("category: a word")),
            TakenRow(Sample.job(3).due, .job(Sample.job(3))),
        ]
        let judgement = judge(Sample.take(rows))
        #expect(judgement.verdict.done.map(\.jobID) == [1, 3])
        #expect(judgement.verdict.holds.map(\.due.jobID) == [2])
        #expect(judgement.verdict.holds.first?.reason == "its row cannot be read: category: a word")
        #expect(judgement.unreadable == 1 && judgement.verdict.sends.map(\.job.id) == [3])
        #expect(judgement.last == rows[2].due.key)
    }

    @Test("of two due rows of one attempt the second is dropped")
    func twice() {
        let job = Sample.job(1)
        let judgement = judge(Sample.take([job, job]))
        #expect(judgement.verdict.sends.count == 1 && judgement.verdict.done.count == 2)
    }

    @Test("what a rule puts off becomes one event with its reason, and one row that resumes the attempt")
    func deferred() throws {
        let until = Sample.now.advanced(by: .seconds(3_600))
        let job = Sample.job(1, generation: 2, events: [(2, .deferred(number: 3, .cap, until: nil))])
        let judgement = judge(Sample.take([job]), room: 0) { _ in .defer(until: until, .quietHours) }
        #expect(judgement.verdict.records.count == 1 && judgement.verdict.sends.isEmpty)
        let record = try #require(judgement.verdict.records.first)
        #expect(record.events.map(\.event) == [.deferred(number: 4, .quietHours, until: until)])
        let row = try #require(record.dueRow)
        #expect(row.reason == .resume && row.at == until && row.generation == 2 && row.jobID == 1)
        #expect(record.fence == record.events.first?.key)
        #expect(judgement.dead == 1 && judgement.left == 0)
    }

    @Test("what waits for its campaign's window comes back within a minute of its opening, and not all in one instant")
    func window() throws {
        let opens = Sample.now.advanced(by: .seconds(3_600))
        let judgement = judge(Sample.take((1...50).map { Sample.job($0) { $0.windowOpens = opens } }))
        let rows = judgement.verdict.records.compactMap(\.dueRow)
        #expect(rows.count == 50 && judgement.verdict.sends.isEmpty)
        #expect(rows.allSatisfy { $0.reason == .resume && $0.at >= opens && $0.at < opens.advanced(by: .seconds(60)) })
        #expect(Set(rows.map(\.at)).count > 25)
        #expect(events(judgement).first == "1 1 deferred 1 campaign_window")
        // Open at the instant of the take.
        #expect(judge(Sample.take([Sample.job(1) { $0.windowOpens = Sample.now }])).verdict.sends.count == 1)
    }

    /// It is 13:46:40 by UTC when samples are taken.
    private static let quiet = ContactRules(
        quietHours: [QuietHours(name: "siesta", jurisdiction: "*", begins: 13 * 60, ends: 15 * 60)],
        countries: AllowedCountries(isAnywhere: false, [.init(country: "48", categories: [.otp, .marketing])]),
        blocked: PrefixTable([("882", "no country")]),
        zones: [
            "Europe/Lisbon": ZoneRules(first: 3_600, changes: []), "Asia/Tokyo": ZoneRules(first: 32_400, changes: []),
        ])

    @Test("quiet hours put off by name, by the clock where the person lives, to a moment after their end")
    func quietHours() throws {
        let jobs = [("UTC", 1), ("Europe/Lisbon", 2), ("Asia/Tokyo", 3)].map { zone, id in
            Sample.job(id, category: .marketing) { ($0.address, $0.timeZone) = ("+48600000001", zone) }
        }
        let judgement = judge(Sample.take(jobs), contact: Self.quiet)
        #expect(judgement.verdict.sends.map(\.job.id) == [3])
        let records = judgement.verdict.records
        #expect(records.flatMap(\.events).map(\.columns.code) == ["quiet_hours", "quiet_hours"])
        #expect(records.flatMap(\.events).map(\.columns.reason) == ["quiet hours siesta", "quiet hours siesta"])
        let ends = [Sample.now.advanced(by: .seconds(73 * 60 + 20)), Sample.now.advanced(by: .seconds(13 * 60 + 20))]
        for (row, end) in zip(records.compactMap(\.dueRow), ends) {
            #expect(row.reason == .resume && row.at >= end && row.at < end.advanced(by: .seconds(300)))
        }
    }

    @Test("what expires in quiet hours ends at once, and says so")
    func expiresInQuietHours() throws {
        let job = Sample.job(1, category: .marketing) {
            ($0.address, $0.expiresAt) = ("+48600000001", Sample.now.advanced(by: .seconds(600)))
        }
        let judgement = judge(Sample.take([job]), contact: Self.quiet)
        #expect(events(judgement) == ["1 1 answer not_sent", "1 0 outcome ended expired"])
        #expect(
            judgement.verdict.records[0].events[0].columns.reason == "it expires before the end of quiet hours siesta")
    }

    @Test("a country that is not allowed and a prefix that is blocked are passed over with the reason and the remedy")
    func numbers() {
        let blocked = Sample.job(1, category: .alert) { $0.address = "+88212345678" }
        let foreign = Sample.job(2, category: .otp) { $0.address = "+4915112345678" }
        let free = Sample.job(3, category: .alert) { $0.address = "+4915112345678" }
        let judgement = judge(Sample.take([blocked, foreign, free]), contact: Self.quiet)
        #expect(judgement.verdict.sends.map(\.job.id) == [3])
        let skips = judgement.verdict.records.compactMap(\.events.first?.columns)
        #expect(skips.map(\.code) == ["prefix_blocked", "country_not_allowed"])
        #expect(skips[0].reason == "numbers that begin with +882 are blocked: no country")
        #expect(skips[1].reason?.contains("outrider.allow_country(") == true)
    }

    @Test("what a rule holds is held with its reason")
    func held() {
        let judgement = judge(Sample.take([Sample.job(1)]), room: 0) { _ in .hold(reason: "a person must look") }
        #expect(judgement.verdict.holds.map(\.reason) == ["a person must look"])
        #expect(judgement.verdict.done.isEmpty && judgement.last == Sample.job(1).due.key)
    }

    // MARK: Room and rate

    @Test("rows without room stay; those behind them that send nothing are done with all the same")
    func noRoom() {
        let jobs = (1...5).map { id in Sample.job(id) { $0.isEnded = id >= 4 } }
        let judgement = judge(Sample.take(jobs), room: 1)
        #expect(judgement.verdict.sends.map(\.job.id) == [1])
        #expect(judgement.left == 2 && judgement.dead == 2 && judgement.rows == 5)
        #expect(judgement.verdict.done.map(\.jobID) == [1, 4, 5])
        #expect(judgement.last == jobs[0].due.key)  // Behind it rows stay.
    }

    @Test("a long message that finds no room in its window keeps those behind it from passing")
    func longMessage() {
        let jobs = [Sample.job(1, cost: 2), Sample.job(2, cost: 4), Sample.job(3, cost: 1)]
        let judgement = judge(Sample.take(jobs, wonSlot: 7), rate: 5)
        #expect(judgement.verdict.sends.map(\.job.id) == [1] && judgement.left == 2)
    }

    @Test("what is urgent waits a few seconds for another message like it, the rest without end")
    func patience() {
        let jobs = [Sample.job(1, category: .otp), Sample.job(2, category: .marketing)]
        let judgement = judge(Sample.take(jobs))
        #expect(judgement.verdict.sends.map(\.patience) == [.seconds(5), nil])
    }

    @Test("the approved template is sent where the rules say so")
    func template() {
        let jobs = [Sample.job(1), Sample.job(2) { $0.content = JobContent(contentSID: "HX1") }]
        #expect(judge(Sample.take(jobs)).verdict.sends.map(\.job.sendsTemplate) == [false, true])
    }

    // MARK: Looks

    private static let asking = Sample.lane(6, purpose: .askPhone)

    @Test("a look that must ask is begun where there is room, and stays where there is none")
    func asks() {
        let jobs = [Sample.awaited(1, category: .marketing), Sample.awaited(2, category: .marketing)]
        let judgement = judge(Sample.take(jobs), lane: Self.asking, room: 1)
        #expect(judgement.verdict.looks.map(\.id) == [1] && judgement.left == 1)
        #expect(judgement.verdict.done.map(\.jobID) == [1] && judgement.last == jobs[0].due.key)
    }

    @Test("a look that needs nobody is decided in the take, whatever room there is")
    func decides() {
        let delivered: [(generation: Int, event: JobEvent)] = [
            (1, .intent(token: "t")), (1, .answered(.accepted(providerID: "SM1"))),
            (1, .receipt(.init(status: "delivered", .reached(.delivered)))),
        ]
        let job = Sample.job(1, .receipt, events: delivered)
        let judgement = judge(Sample.take([job]), lane: Self.asking, room: 0)
        #expect(events(judgement) == ["1 0 outcome ended delivered"] && judgement.left == 0)
    }

    @Test("where callbacks come, an urgent wait beyond what can be asked at once goes on unasked; others queue")
    func gate() {
        let jobs = (1...3).map { Sample.awaited($0) }
        let judgement = judge(Sample.take(jobs), lane: Sample.lane(5, priority: 1, purpose: .askPhone), asks: 2)
        #expect(judgement.verdict.looks.map(\.id) == [1, 2])
        #expect(events(judgement).first == "3 1 reconciled unread 1")
        #expect(judgement.dead == 1 && judgement.left == 0)

        let patient = (1...3).map { Sample.awaited($0, category: .transactional) }
        #expect(judge(Sample.take(patient), lane: Self.asking, asks: 2).verdict.looks.map(\.id) == [1, 2, 3])
        let polled = judge(
            Sample.take(jobs), lane: Sample.lane(5, priority: 1, purpose: .askPhone), asks: 2,
            timing: Timing(firstPoll: .seconds(5)))
        #expect(polled.verdict.looks.map(\.id) == [1, 2, 3])
    }

    @Test("an urgent wait on the last step that finds no room is asked about later, and nothing is counted")
    func crowded() throws {
        let jobs = (1...2).map { id in
            var job = Sample.awaited(id)
            job.ladder = Ladder(steps: [job.ladder.steps[0]])
            return job
        }
        let judgement = judge(Sample.take(jobs), lane: Sample.lane(5, priority: 1, purpose: .askPhone), asks: 1)
        #expect(judgement.verdict.looks.map(\.id) == [1] && events(judgement).isEmpty)
        let record = try #require(judgement.verdict.records.first)
        let row = try #require(record.dueRow)
        #expect(row.reason == .receipt && row.generation == 1 && record.fence == nil)
        let pause = jobs[1].takenAt.duration(to: row.at)
        #expect(pause >= .seconds(10) && pause <= .seconds(20))
    }

    @Test("an urgent wait that finds no room goes on unasked, and spends nothing of what may be asked this second")
    func noRoomToAsk() {
        let jobs = (1...2).map { Sample.awaited($0) }
        let lane = Sample.lane(5, priority: 1, purpose: .askPhone)
        let gate = AskGate(perSecond: 2)
        let judgement = judge(Sample.take(jobs), lane: lane, room: 1, gate: gate)
        #expect(judgement.verdict.looks.map(\.id) == [1])
        #expect(events(judgement).first == "2 1 reconciled unread 1" && judgement.left == 0)
        #expect(judge(Sample.take([Sample.awaited(3)]), lane: lane, gate: gate).verdict.looks.map(\.id) == [3])
    }

    @Test("the gate lets as many through a second as it may, to each provider, and again in the next")
    func askGate() {
        let gate = AskGate(perSecond: 2)
        let start = ContinuousClock.now
        #expect((1...3).map { _ in gate.passes(.twilio, at: start) } == [true, true, false])
        #expect(gate.passes(.sendgrid, at: start))
        #expect(!gate.passes(.twilio, at: start + .milliseconds(999)))
        #expect(gate.passes(.twilio, at: start + .seconds(1)))
    }

    @Test("what was put off before gets half of what may be asked, and one at least")
    func late() {
        let start = ContinuousClock.now
        for (perSecond, late) in [(1, 1), (4, 2), (5, 2)] {
            let gate = AskGate(perSecond: perSecond)
            let passed = (1...9).filter { _ in gate.passes(.twilio, isLate: true, at: start) }
            #expect(passed.count == late)
            #expect((1...9).filter { _ in gate.passes(.twilio, at: start) }.count == perSecond - late)
        }
        let jobs = (1...2).map { id in
            var job = Sample.awaited(id)
            job.takenAt = job.takenAt.advanced(by: .seconds(10))
            return job
        }
        let lane = Sample.lane(5, priority: 1, purpose: .askPhone)
        #expect(judge(Sample.take(jobs), lane: lane, asks: 2).verdict.looks.map(\.id) == [1])
    }

    // MARK: Caps

    /// What is done once the caps have answered that so many messages of each were counted.
    private func judge(_ take: Take, caps: [Cap], used: Int) -> Admitter.Judgement {
        let admitter = Admitter(
            lane: Sample.lane(), room: 100, configuration: WorkerConfiguration(), gate: AskGate(perSecond: 100),
            clock: StandingClock(isOpen: false).work, rules: ContactRules(caps: caps))
        let ledger = RateLedger()
        let sender = SenderState(id: 1, channel: .sms, rate: nil)
        var purse = ledger.purse(of: sender, owning: nil, in: take, isUrgent: false)
        let settled = Mutex<Admitter.Judgement?>(nil)
        let asking = admitter.asking(admitter.judge(take, paying: &purse)) { judgement in
            settled.withLock { $0 = judgement }
        }
        guard let question = asking.verdict.question else { return asking }
        _ = question.settle(
            question.claims.map { claim in
                CapRoom(
                    key: claim.cap.id, used: used, frees: [claim.job.takenAt.advanced(by: .seconds(45))],
                    now: claim.job.takenAt)
            })
        return settled.withLock { $0 } ?? asking
    }

    @Test("what is over a cap is passed over or waits, says which cap, and leaves its row; the rest begins and counts")
    func caps() {
        func cap(_ excess: Cap.Excess, isEnforced: Bool = true) -> Cap {
            Cap(id: 7, name: "c", subject: .tenant, most: 2, span: 60, excess: excess, isEnforced: isEnforced)
        }
        let take = Sample.take([Sample.job(1), Sample.job(2)])
        let skipped = judge(take, caps: [cap(.skip)], used: 1)
        #expect(events(skipped) == ["2 1 answer skipped capped", "2 1 next decided escalate"])
        #expect(skipped.verdict.sends.map(\.job.id) == [1] && skipped.verdict.done.map(\.jobID) == [1, 2])
        #expect(skipped.verdict.capUses.map(\.jobID) == [1])
        #expect(skipped.verdict.capHits == [CapHit(cap(.skip), job: 2, wasEnforced: true)])
        #expect(skipped.dead == 1 && skipped.rows == 2)
        #expect(skipped.verdict.records[0].events[0].columns.reason == cap(.skip).words)

        let waiting = judge(take, caps: [cap(.postpone)], used: 1)
        #expect(events(waiting) == ["2 1 deferred 1 cap"])
        #expect(waiting.verdict.records[0].dueRow?.reason == .resume && waiting.verdict.sends.map(\.job.id) == [1])

        let short = Sample.take([Sample.job(1) { $0.expiresAt = $0.takenAt.advanced(by: .seconds(40)) }])
        #expect(events(judge(short, caps: [cap(.postpone)], used: 2)).last == "1 0 outcome ended expired")
        let recorded = judge(take, caps: [cap(.skip, isEnforced: false)], used: 5)
        #expect(recorded.verdict.sends.count == 2 && recorded.verdict.capHits.map(\.wasEnforced) == [false, false])
        #expect(judge(take, caps: [], used: 9).verdict.question == nil)
    }
}

import Delivery
import JobQueue
import Testing

@testable import Worker

@Suite("What a loop remembers of lanes")
struct LaneBookTests {
    private func key(_ seconds: Int) -> DueKey { DueKey(atMicroseconds: seconds * 1_000_000, jobID: 1) }

    private func survey(_ lanes: LaneState..., at seconds: Int = 100) -> LaneSurvey {
        LaneSurvey(present: Instant(microseconds: Int64(seconds) * 1_000_000), lanes: lanes)
    }

    /// A book that knows everything up to `seconds` of a lane to be gone.
    private func took(
        _ book: inout LaneBook, _ lane: LaneState, upTo seconds: Int, isMostlyDead: Bool = false, limit: Int = 10
    ) {
        for transaction in [UInt64(10), 11] {
            book.took(
                lane, limit: limit, last: key(seconds), isMostlyDead: isMostlyDead, oldest: transaction, next: 11,
                batch: 200)
        }
    }

    // MARK: Segments and floors

    @Test("a new book looks over all of the index in one part")
    func whole() {
        let segments = LaneBook(priorities: 0...3).segments(sweeping: false)
        #expect(segments == [LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)])
    }

    @Test("parts follow one another without gap or overlap, and each begins at the floor of its lane")
    func parts() {
        var book = LaneBook(priorities: 0...3)
        took(&book, Sample.lane(20), upTo: 70)
        took(&book, Sample.lane(5, purpose: .askPhone), upTo: 50)
        #expect(
            book.segments(sweeping: false) == [
                LaneSegment(lane: Lane(rawValue: -1), after: .start, until: Lane(rawValue: 5)),
                LaneSegment(lane: Lane(rawValue: 5), after: key(50), until: Lane(rawValue: 20)),
                LaneSegment(lane: Lane(rawValue: 20), after: key(70), until: .end),
            ])
    }

    @Test("a floor rises only once the transactions of its take have ended")
    func rises() {
        var book = LaneBook(priorities: 0...3)
        let lane = Sample.lane()
        book.took(lane, limit: 1, last: key(50), isMostlyDead: false, oldest: 10, next: 11, batch: 200)
        #expect(book.floor(of: lane.lane, sweeping: false) == .start)
        book.took(lane, limit: 1, last: nil, isMostlyDead: false, oldest: 11, next: 12, batch: 200)
        #expect(book.floor(of: lane.lane, sweeping: false) == key(50))
        #expect(book.floor(of: Lane(rawValue: 99), sweeping: false) == .start)
    }

    @Test("a sweep begins five minutes before the floor, and forgotten floors make the next look whole")
    func sweeps() {
        var book = LaneBook(priorities: 0...3)
        took(&book, Sample.lane(), upTo: 1_000)
        let swept = DueKey(atMicroseconds: 700_000_000, jobID: 0)
        #expect(book.floor(of: Sample.lane().lane, sweeping: true) == swept)
        #expect(book.segments(sweeping: true).last?.after == swept)
        book.forgetFloors()
        #expect(book.segments(sweeping: false).count == 1)
    }

    @Test("a clock that was set back takes away the floors that are now in the future, and no other")
    func clockSetBack() {
        var book = LaneBook(priorities: 0...3)
        took(&book, Sample.lane(20), upTo: 5_000)
        took(&book, Sample.lane(30), upTo: 1_000)
        #expect(!forgetting(&book, after: Instant(microseconds: 5_000_000_000)))
        #expect(forgetting(&book, after: Instant(microseconds: 2_000_000_000)))
        #expect(book.floor(of: Lane(rawValue: 20), sweeping: false) == .start)
        #expect(book.floor(of: Lane(rawValue: 30), sweeping: false) == key(1_000))
        #expect(!forgetting(&book, after: Instant(microseconds: 2_000_000_000)))
    }

    @Test(
        "lanes that come and go do not stay a step of every look; floors of lanes that have rows stay, and so do a few more"
    )
    func tidies() {
        var book = LaneBook(priorities: 0...2)
        let campaigns = (100..<4_100).map { Sample.lane($0) }
        let busy = Sample.lane(20)
        for lane in campaigns + [busy] { took(&book, lane, upTo: 70) }
        _ = book.turns(LaneSurvey(present: Sample.now, lanes: campaigns + [busy, Sample.lane(30, priority: 3)]))
        book.tidy()  // All of them had rows since the last time.
        #expect(book.segments(sweeping: false).count == 4_002)
        _ = book.turns(survey(busy))
        book.tidy()
        #expect(book.segments(sweeping: false).count == 2)
        #expect(book.floor(of: busy.lane, sweeping: false) == key(70))

        for lane in campaigns.prefix(32) { took(&book, lane, upTo: 70) }
        _ = book.turns(survey(busy))
        book.tidy()
        #expect(book.segments(sweeping: false).count == 34)
    }

    @Test("lanes are tidied once a minute, and looked at as a whole once an hour")
    func schedule() {
        var schedule = SweepSchedule()
        let start = ContinuousClock.now
        let looks = (0..<3_700).map { schedule.next(at: start + .seconds($0)) }
        #expect(looks.filter { $0 == .everything }.count == 2 && looks.filter { $0 == .tidySweep }.count == 60)
        #expect(looks.prefix(6) == [.everything, .floors, .floors, .floors, .floors, .sweep])
    }

    // MARK: Turns

    @Test("lanes that are open and due come by priority; what is closed, not yet due or another loop's does not")
    func open() {
        let look = survey(
            Sample.lane(20, priority: 3, at: key(100)), Sample.lane(21, priority: 2, at: key(99)),
            Sample.lane(22, priority: 2, isOpen: false), Sample.lane(23, priority: 2, at: key(101)),
            Sample.lane(24, priority: 1))
        var (offers, urgent) = (LaneBook(priorities: 2...3), LaneBook(priorities: 0...1))
        #expect(offers.turns(look).map(\.lane.rawValue) == [21, 20])
        #expect(urgent.turns(look).map(\.lane.rawValue) == [24])
    }

    @Test("a look steps over lanes that other loops serve, once it has seen them, until floors are forgotten")
    func foreign() {
        var book = LaneBook(priorities: 0...1)
        _ = book.turns(survey(Sample.lane(20, priority: 2), Sample.lane(24, priority: 1)))
        #expect(
            book.segments(sweeping: false) == [
                LaneSegment(lane: Lane(rawValue: -1), after: .start, until: Lane(rawValue: 20)),
                LaneSegment(lane: Lane(rawValue: 20), after: .end, until: .end),
            ])
        book.forgetFloors()
        #expect(book.segments(sweeping: false).count == 1)
    }

    @Test("lanes of one priority take turns: the one behind the last that was served comes next")
    func turns() {
        var book = LaneBook(priorities: 0...3)
        let lanes = [20, 21, 22].map { Sample.lane($0) }
        let look = LaneSurvey(present: Sample.now, lanes: lanes + [Sample.lane(30, priority: 3)])
        var served: [Int] = []
        for _ in 1...7 {
            guard let first = book.turns(look).first(where: { $0.priority == 2 }) else { break }
            served.append(first.lane.rawValue)
            took(&book, first, upTo: 0)
        }
        #expect(served == [20, 21, 22, 20, 21, 22, 20])
        // Another priority has turns of its own.
        #expect(book.turns(look).last?.lane.rawValue == 30)
    }

    // MARK: Limits

    @Test("a take asks for what can begin, at least one row and at most a batch")
    func limits() {
        let book = LaneBook(priorities: 0...3)
        let lane = Sample.lane().lane
        #expect([0, 7, 200, Int.max].map { book.limit(of: lane, wanted: $0, batch: 200) } == [1, 7, 200, 200])
    }

    @Test(
        "a lane that cannot be read is tried with a quarter of the rows, down to one, which is tried three times; it grows again"
    )
    func shrinks() {
        var book = LaneBook(priorities: 0...3)
        let lane = Sample.lane()
        func limit() -> Int { book.limit(of: lane.lane, wanted: 200, batch: 200) }
        var limits: [Int] = []
        while book.shrink(lane.lane, from: limit(), blaming: .row) { limits.append(limit()) }
        #expect(limits == [50, 12, 3, 1, 1, 1])
        #expect(book.limit(of: Lane(rawValue: 99), wanted: 200, batch: 200) == 200)
        limits = []
        for _ in 1...9 {
            book.took(lane, limit: limit(), last: nil, isMostlyDead: false, oldest: 1, next: 2, batch: 200)
            limits.append(limit())
        }
        #expect(limits == [2, 4, 8, 16, 32, 64, 128, 200, 200])
    }

    @Test("a take that the database does not answer in time is never blamed on its one row, however often")
    func silentDatabase() {
        var book = LaneBook(priorities: 0...3)
        let lane = Sample.lane().lane
        var tries: [Bool] = []
        for _ in 1...20 { tries.append(book.shrink(lane, from: 1, blaming: .number)) }
        #expect(tries.allSatisfy { $0 })
        tries = []
        for _ in 1...3 { tries.append(book.shrink(lane, from: 1, blaming: .row)) }
        #expect(tries == [true, true, false])
    }

    @Test("where most rows were dead twice as many are asked for, up to a batch, until that is over")
    func dead() {
        var book = LaneBook(priorities: 0...3)
        let lane = Sample.lane()
        var limits: [Int] = []
        for _ in 1...6 {
            let limit = book.limit(of: lane.lane, wanted: 10, batch: 200)
            limits.append(limit)
            book.took(lane, limit: limit, last: nil, isMostlyDead: true, oldest: 1, next: 2, batch: 200)
        }
        #expect(limits == [10, 20, 40, 80, 160, 200])
        book.took(lane, limit: 200, last: nil, isMostlyDead: false, oldest: 1, next: 2, batch: 200)
        #expect(book.limit(of: lane.lane, wanted: 10, batch: 200) == 10)
    }

    @Test("where nothing may be sent rows are read once a second, and at once where most of them needed no send")
    func clears() {
        var book = LaneBook(priorities: 0...3)
        let lane = Sample.lane()
        let start = ContinuousClock.now
        func clears(_ milliseconds: Int) -> Bool { book.mayClear(lane.lane, at: start + .milliseconds(milliseconds)) }
        #expect([0, 500, 999, 1_000, 1_500].map { clears($0) } == [true, false, false, true, false])
        took(&book, lane, upTo: 70, isMostlyDead: true)
        #expect(clears(1_501) && clears(1_502))
        took(&book, lane, upTo: 70)
        #expect(!clears(1_503))
    }

    private func forgetting(_ book: inout LaneBook, after present: Instant) -> Bool {
        book.forgetFloors(after: present)
    }
}

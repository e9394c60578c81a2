import Delivery
import Testing

@Suite("Schedules")
struct ScheduleTests {
    @Test("a time that comes while workers run fires once, and the next look begins after it")
    func onTime() throws {
        let plan = try daily().plan(
            after: instant("2026-11-20T09:00:00Z"), now: instant("2026-11-21T08:00:00Z"), on: .utc)
        #expect(plan.decisions == [.init(try tick("2026-11-21T08:00:00Z"))])
        #expect(plan.decidedUntil == (try instant("2026-11-21T08:00:00Z")))
        #expect(plan.next == (try tick("2026-11-22T08:00:00Z")))
    }

    @Test("before its time nothing is decided")
    func early() throws {
        let plan = try daily().plan(
            after: instant("2026-11-20T09:00:00Z"), now: instant("2026-11-21T07:59:59Z"), on: .utc)
        #expect(plan.decisions.isEmpty)
        #expect(plan.decidedUntil == (try instant("2026-11-20T09:00:00Z")))
        #expect(plan.next == (try tick("2026-11-21T08:00:00Z")))
    }

    private static let hour = Duration.seconds(3_600)

    @Test(
        "of the times that passed while no worker ran, the rule says which fire",
        arguments: [
            // At 12:30 after an outage since 7:00, of a schedule for every hour. f fires, l is too late, s superseded.
            (MissedRule.skip, Duration?.none, "llllll"),
            (.latest, .none, "lllllf"),
            (.latest, hour * 3, "lllssf"),
            (.latest, .seconds(60), "llllll"),
            (.all(limit: 3), .none, "sssfff"),
            (.all(limit: 100), .none, "ffffff"),
            (.all(limit: 100), hour * 2, "llllff"),
            (.all(limit: 1), hour * 2, "llllsf"),
        ])
    func missed(rule: MissedRule, catchUp: Duration?, expected: String) throws {
        let schedule = Schedule(id: 1, cron: try CronExpression("0 * * * *"), missed: rule, catchUp: catchUp)
        let plan = try schedule.plan(
            after: instant("2026-11-21T06:59:00Z"), now: instant("2026-11-21T12:30:00Z"), on: .utc)
        let letters = plan.decisions.map { ["late": "l", "superseded": "s", "paused": "p"][$0.skip?.rawValue] ?? "f" }
        #expect(letters.joined() == expected)
        #expect(plan.decidedUntil == (try instant("2026-11-21T12:00:00Z")))
    }

    @Test("while it is paused nothing fires, and what passed then does not fire after it is resumed")
    func paused() throws {
        var schedule = Schedule(id: 1, cron: try CronExpression("0 * * * *"), missed: .all(limit: 100), isPaused: true)
        let (start, now) = (try instant("2026-11-21T06:59:00Z"), try instant("2026-11-21T12:30:00Z"))
        #expect(
            schedule.plan(after: start, now: now, on: .utc).decisions.map(\.skip) == Array(repeating: .paused, count: 6)
        )
        (schedule.isPaused, schedule.resumedAt) = (false, try instant("2026-11-21T10:00:00Z"))
        let skips = schedule.plan(after: start, now: now, on: .utc).decisions.map(\.skip)
        #expect(skips == [.paused, .paused, .paused, .paused, nil, nil])
    }

    @Test("a long outage is worked off in looks of a bounded size, and the last times are those that fire")
    func longOutage() throws {
        let schedule = Schedule(id: 1, cron: try CronExpression("* * * * *"), missed: .all(limit: 7))
        var decided = try instant("2026-11-14T00:00:00Z")
        let now = try instant("2026-11-21T00:00:00Z")
        var decisions: [SchedulePlan.Decision] = []
        var looks = 0
        repeat {
            let plan = schedule.plan(after: decided, now: now, on: .utc)
            #expect(plan.decisions.count <= Schedule.most)
            #expect(plan.decidedUntil > decided)
            decisions += plan.decisions
            decided = plan.decidedUntil
            looks += 1
            guard let next = plan.next, next.real <= now else { break }
        } while looks < 100
        #expect(decisions.count == 7 * 1_440)
        #expect(decisions.map(\.tick.nominal) == decisions.map(\.tick.nominal).sorted())
        #expect(
            decisions.suffix(7).allSatisfy { $0.skip == nil } && decisions.dropLast(7).allSatisfy { $0.skip != nil })
    }

    @Test(
        "jitter is the same for everybody, spreads schedules, and never reaches the next time",
        arguments: [1, 40, 3_600])
    func jitter(seconds: Int) throws {
        let (start, end) = (try instant("2026-11-21T00:00:00Z"), Duration.seconds(60))
        var delays: Set<Duration> = []
        for id in 1...50 {
            let schedule = Schedule(id: id, cron: try CronExpression("* * * * *"), jitter: .seconds(seconds))
            let ticks = schedule.upcoming(5, after: start, on: .utc)
            #expect(ticks == schedule.upcoming(5, after: start, on: .utc))
            for tick in ticks {
                let delay = tick.nominal.duration(to: tick.real)
                #expect(delay >= .zero && delay <= .seconds(seconds) && delay < end)
                delays.insert(delay)
            }
        }
        #expect(delays.count > 200)
    }

    @Test("with jitter a time is decided when it fires")
    func jitterIsAwaited() throws {
        let schedule = Schedule(id: 7, cron: try CronExpression("0 8 * * *"), jitter: .seconds(3_600))
        let start = try instant("2026-11-21T00:00:00Z")
        let tick = try #require(schedule.upcoming(1, after: start, on: .utc).first)
        #expect(tick.real > tick.nominal)
        #expect(schedule.plan(after: start, now: tick.real.advanced(by: .microseconds(-1)), on: .utc).decisions.isEmpty)
        #expect(schedule.plan(after: start, now: tick.real, on: .utc).decisions == [.init(tick)])
    }

    @Test("after its end it has no time any more")
    func ends() throws {
        var schedule = try daily()
        schedule.endsAt = try instant("2026-11-22T08:00:00Z")
        let plan = try schedule.plan(
            after: instant("2026-11-20T09:00:00Z"), now: instant("2026-11-21T08:00:00Z"), on: .utc)
        #expect(plan.decisions.count == 1 && plan.next == nil)
    }

    @Test(
        "an expression is told in words",
        arguments: [
            ("0 8,9 * * MON-FRI", "Weekdays at 8:00 and 9:00"), ("* * * * *", "Every minute"),
            ("*/15 * * * *", "Every 15 minutes"), ("0 * * * *", "Every hour"), ("@daily", "Every day at 0:00"),
            ("5 4 * * sun", "Sundays at 4:05"), ("5,35 * * * *", "At 5 and 35 minutes past each hour"),
            ("0 10 1,15 * *", "On the 1st and 15th at 10:00"), ("0 0 13 * 5", "On the 13th and Fridays at 0:00"),
            ("0 0 */10 * 5", "Fridays that are the 1st, 11th, 21st and 31st at 0:00"),
            ("*/10 9-17 * * 1-5", "Weekdays every 10 minutes from 9:00 to 17:59"),
            ("30 7 * 6-8 0,6", "Weekends in June, July and August at 7:30"),
            ("0 9 22 12 *", "On the 22nd in December at 9:00"), ("0 6 * * 0,1", "Mondays and Sundays at 6:00"),
            ("10-19 * * * *", "Every minute from 10 to 19 past each hour"),
        ])
    func words(text: String, words: String) throws {
        #expect(try CronExpression(text).words == words)
    }

    private func daily() throws -> Schedule {
        Schedule(id: 1, cron: try CronExpression("0 8 * * *"))
    }

    private func tick(_ text: String) throws -> Tick {
        let at = try instant(text)
        return Tick(nominal: at, real: at)
    }
}

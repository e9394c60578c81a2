import Delivery
import JobQueue

/// A schedule, and how far it has come.
struct ScheduleRow: Sendable {
    var schedule: Schedule
    var zone: ZoneRules
    var decidedUntil: Instant
    var dueAt: Instant?
}

/// A time of a schedule: the primary key of `schedule_fires`.
struct FireKey: Sendable, Hashable, CustomStringConvertible {
    var schedule: Int
    var nominal: Instant

    var description: String { "schedule \(schedule) at \(Time(nominal) / 1_000_000) s" }
}

extension World {
    /// One for every minute of which all times fire; one for the minutes of an hour in a zone whose clock is set back by
    /// two minutes; and one of which only the last of missed times fires.
    mutating func planSchedules() {
        let everyMinute = "* * * * *"
        let all = MissedRule.all(limit: 1_000)
        add(Schedule(id: 1, cron: everyMinute, missed: all), .utc)
        add(Schedule(id: 2, cron: "* 0 * * *", missed: all), Workload.setBack)
        add(Schedule(id: 3, cron: everyMinute, missed: .latest, jitter: .seconds(20)), .utc)
    }

    private mutating func add(_ schedule: Schedule?, _ zone: ZoneRules) {
        guard let schedule else { return }
        database.schedules[schedule.id] = ScheduleRow(
            schedule: schedule, zone: zone, decidedUntil: instant, dueAt: instant)
    }

    /// `due_schedules`.
    func dueSchedules(atMost count: Int) -> [DueSchedule] {
        let due = database.schedules.values.filter { row in
            row.dueAt.map { $0 <= instant } ?? false && !database.advancedNow.contains(row.schedule.id)
        }
        return due.sorted { $0.schedule.id < $1.schedule.id }.prefix(count).map { row in
            var schedule = row.schedule
            if bug == .bothHoursFired { schedule.clockChange.overlap = .both }
            return DueSchedule(
                id: schedule.id, schedule: schedule, zone: row.zone, decidedUntil: row.decidedUntil, present: instant)
        }
    }

    /// `advance_schedules`: a schedule that another has looked at meanwhile stays as that left it.
    mutating func beginAdvance(
        _ advances: [ScheduleAdvance], of due: [DueSchedule], by process: Int
    ) -> Transaction<[Firing]> {
        let fresh = advances.filter { advance in
            let seen = due.first { $0.id == advance.id }?.decidedUntil
            return !database.advancedNow.contains(advance.id) && database.schedules[advance.id]?.decidedUntil == seen
        }
        database.advancedNow.formUnion(fresh.map(\.id))
        let isSplit = bug == .tickMarkedFirst
        return Transaction(
            commit: { world in
                for advance in fresh {
                    world.database.schedules[advance.id]?.decidedUntil = advance.plan.decidedUntil
                    world.database.schedules[advance.id]?.dueAt = advance.dueAt
                }
                guard isSplit else { return world.fire(fresh) }
                let life = world.database.life
                world.after(Time.milliseconds(world.random.pick(100..<4_000))) { world in
                    guard world.database.life == life, world.processes[process].isAlive else { return }
                    _ = world.fire(fresh)
                }
                return []
            },
            release: { $0.database.advancedNow.subtract(fresh.map(\.id)) })
    }

    private mutating func fire(_ advances: [ScheduleAdvance]) -> [Firing] {
        var firings: [Firing] = []
        for advance in advances {
            for decision in advance.plan.decisions {
                let key = FireKey(schedule: advance.id, nominal: decision.tick.nominal)
                guard database.fires.insert(key).inserted else { continue }
                if let skip = decision.skip {
                    note(.passedOver(key, skip))
                } else {
                    note(.fired(key))
                    firings.append(Firing(schedule: key.schedule, nominal: key.nominal, outcome: .fired))
                }
            }
        }
        return firings
    }
}

extension Schedule {
    fileprivate init?(id: Int, cron: String, missed: MissedRule, jitter: Duration = .zero) {
        guard let cron = try? CronExpression(cron) else { return nil }
        self.init(id: id, cron: cron, missed: missed, jitter: jitter)
    }
}

extension Workload {
    /// Two hours ahead of UTC; 100 s after the start of a run the clock is set back by two minutes, from 0:15 to 0:13.
    static let setBack = ZoneRules(
        first: 7_200, changes: [.init(at: Int(Time.epoch / 1_000_000) + 100, offset: 7_080)])
}

import ArgumentParser
import Insight
import Postgres

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "What happens again and again by the clock on the wall: a campaign, or one job.",
        discussion: """
            Workers fire a schedule at its times, each time once. A time that does not fire is kept with the reason: \
            `show` prints it. The same can be done in SQL: outrider.create_schedule() and its brothers. Needs a login with \
            the role outrider_operator or outrider_app.

            Examples:
              outrider schedule create weekly --cron '0 9 * * MON' \\
                --zone Europe/Warsaw --campaign spring
              outrider schedule next weekly
              outrider schedule show weekly
              outrider schedule pause --tag offers --reason 'stock is out'

            \(ExitStatus.help)
            """,
        subcommands: [
            ScheduleCreate.self, ScheduleList.self, ScheduleShow.self, ScheduleNext.self, SchedulePause.self,
            ScheduleResume.self, ScheduleTrigger.self, ScheduleBackfill.self, ScheduleDrop.self,
        ])

    static func about(
        _ name: String, _ abstract: String, _ discussion: String, example: String
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name, abstract: abstract,
            discussion: "\(discussion)\n\nExample: outrider schedule \(example)\n\n\(ExitStatus.help)")
    }
}

/// Which schedule a command is about.
struct ScheduleOptions: ParsableArguments {
    @Argument(help: "The schedule's name.") var name: String
    @Option(help: "Whose it is, where that is not this login's own tenant.") var tenant: String?

    var schedule: ScheduleName { ScheduleName(name, tenant: tenant) }

    static let missing = Failure("there is no schedule of this name that this login may see", .refused)
}

/// One schedule, those with a tag, or all.
struct ScheduleChoice: ParsableArguments {
    @Argument(help: "The schedule's name.") var name: String?
    @Option(help: "All schedules with this tag, instead of one by name.") var tag: String?
    @Flag(help: "All schedules of the tenant, instead of one by name.") var all = false
    @Option(help: "Whose they are, where that is not this login's own tenant.") var tenant: String?

    func validate() throws {
        guard [name != nil, tag != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("Give a name, --tag or --all, one of them.")
        }
    }

    /// Does it to the one, or to many, and prints what came of it.
    func act(
        _ verb: String, isJSON: Bool, one: (ScheduleName) async throws -> String,
        many: (String?, String?) async throws -> Int
    ) async throws {
        if let name {
            let answer = try await one(ScheduleName(name, tenant: tenant))
            return try isJSON
                ? Console.json(ScheduleAnswer(schedule: name, did: verb, result: answer)) : Console.data(answer)
        }
        let count = try await many(tag, tenant)
        let result = "\(verb)d: \(count) schedule\(count == 1 ? "" : "s")"
        try isJSON ? Console.json(ManyAnswer(did: verb, schedules: count)) : Console.data(result)
    }

    private struct ManyAnswer: Encodable {
        let did: String
        let schedules: Int
    }
}

/// What a command did, for programs.
struct ScheduleAnswer: Encodable {
    let schedule, did, result: String
}

struct SchedulePause: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "pause", "Let no time fire until it is resumed.",
        "Each time that passes is kept with the reason. What was made before goes on.",
        example: "pause weekly --reason 'stock is out'")

    @OptionGroup var choice: ScheduleChoice
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        try await DatabaseVisit.make(as: "schedule pause") { pool in
            let schedules = Schedules(pool)
            try await choice.act("pause", isJSON: json) { name in
                try await schedules.pause(name, reason: why.reason)
            } many: { tag, tenant in
                try await schedules.pauseAll(tag: tag, tenant: tenant, reason: why.reason)
            }
        }
    }
}

struct ScheduleResume: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "resume", "Let it fire again, from its next time on.",
        "Times that passed while it was paused do not fire; `backfill` fires them.", example: "resume weekly")

    @OptionGroup var choice: ScheduleChoice
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        try await DatabaseVisit.make(as: "schedule resume") { pool in
            let schedules = Schedules(pool)
            try await choice.act("resume", isJSON: json) { name in
                try await schedules.resume(name)
            } many: { tag, tenant in
                try await schedules.resumeAll(tag: tag, tenant: tenant)
            }
        }
    }
}

struct ScheduleTrigger: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "trigger", "Fire it now, beside its times, also while it is paused.",
        "Its rule for overlaps holds. What did not fire ends with the exit code 65 and the reason.",
        example: "trigger weekly --reason 'Ann asked for it'")

    @OptionGroup var schedule: ScheduleOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let answer = try await DatabaseVisit.make(as: "schedule trigger") { pool in
            try await Schedules(pool).trigger(schedule.schedule, reason: why.reason)
        }
        let isMade = answer.hasPrefix("fired") || answer.hasPrefix("waiting")
        if json { try Console.json(ScheduleAnswer(schedule: schedule.name, did: "trigger", result: answer)) }
        guard isMade else { throw Failure("it did not fire: \(answer)", .refused) }
        if !json { try Console.data(answer) }
    }
}

struct ScheduleDrop: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "drop", "End it for good.", "What it has made goes on, and what became of its times is kept.",
        example: "drop weekly --reason 'the offer is over'")

    @OptionGroup var schedule: ScheduleOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let answer = try await DatabaseVisit.make(as: "schedule drop") { pool in
            try await Schedules(pool).drop(schedule.schedule, reason: why.reason)
        }
        guard json else { return try Console.data(answer) }
        try Console.json(ScheduleAnswer(schedule: schedule.name, did: "drop", result: answer))
    }
}

import ArgumentParser
import Delivery
import Foundation
import Insight
import JobQueue
import Postgres

struct ScheduleNext: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Say when a schedule fires next, or when an expression would.",
        discussion: """
            Computed here with the rules of zones that PostgreSQL has; no worker is needed. Times are from --from on and \
            before --until. With --lines each line of standard input is a question and each line printed its answer: \
            {"cron": …, "zone": …, "from": …, "until": …, "on_gap": …, "on_overlap": …}; cron and zone must be there.

            Examples: outrider schedule next weekly -n 5
                      outrider schedule next --cron '30 2 * * *' --zone Europe/Berlin --from 2027-03-27 --until 2027-03-30

            \(ExitStatus.help)
            """)

    @Argument(help: "The schedule's name.") var name: String?
    @Option(help: "Whose it is, where that is not this login's own tenant.") var tenant: String?
    @Option(help: "An expression, instead of a schedule: five fields as crontab(5) has them.") var cron: String?
    @Option(help: "The time zone of the expression, for example Europe/Warsaw.") var zone: String?
    @Option(
        help: "The first time that may be told, as PostgreSQL reads it, in UTC where no offset stands; now without it.")
    var from: String?
    @Option(help: "Times before this one.") var until: String?
    @Option(help: "When the clock is set forward over its time: at_change (the usual) or skip.") var onGap: String?
    @Option(help: "When the clock shows its time twice: first (the usual), second or both.") var onOverlap: String?
    @Option(name: [.customShort("n"), .customLong("count")], help: "How many at most, 1 to 100000; 20 is the usual.")
    var count: Int?
    @Flag(help: "Read questions from standard input, a JSON object a line.") var lines = false
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard [name != nil, cron != nil, lines].count(where: { $0 }) == 1, (cron == nil) == (zone == nil) else {
            throw ValidationError("Give a schedule's name, or --cron and --zone, or --lines.")
        }
        guard (1...ScheduleTimes.most).contains(count ?? 1) else { throw ValidationError("--count is 1 to 100000.") }
        guard cron != nil || onGap == nil && onOverlap == nil else {
            throw ValidationError("--on-gap and --on-overlap go with --cron.")
        }
        try ClockChangeRule.check(onGap, onOverlap)
    }

    /// What is asked of an expression.
    private struct Question: Decodable {
        let cron, zone: String
        var from, until, onGap, onOverlap: String?
        var n: Int?
    }

    private struct Answer: Encodable {
        var schedule: String?
        let words, zone: String
        let times: [ScheduledTime]
    }

    func perform() async throws {
        try await DatabaseVisit.make(as: "schedule next") { pool in
            if lines { return try await answerLines(pool, ScheduleTimes(pool)) }
            let answer = try await answer(pool)
            guard !json else { return try Console.json(answer) }
            try Console.data("\(answer.words), \(answer.zone)\n\n\(Self.table(answer.times).text)")
        }
    }

    private func answer(_ pool: PostgresPool) async throws -> Answer {
        guard let name else {
            let question = Question(
                cron: cron ?? "", zone: zone ?? "", from: from, until: until, onGap: onGap, onOverlap: onOverlap,
                n: count)
            return try await Self.answer(question, pool, ScheduleTimes(pool))
        }
        let schedules = Schedules(pool)
        guard let status = try await schedules.status(of: ScheduleName(name, tenant: tenant)) else {
            throw ScheduleOptions.missing
        }
        guard let schedule = status.schedule else {
            throw Failure("this version of outrider cannot read the expression \(status.cron)", .refused)
        }
        if status.state == "paused" { Console.note("It is paused: none of these fires before it is resumed.") }
        let span = try await schedules.read(first: from, second: until)
        let times = try await ScheduleTimes(pool).times(
            of: schedule, zone: status.zone, from: span.first ?? span.present, until: span.second,
            atMost: count ?? Self.usual(span))
        return Answer(schedule: name, words: schedule.cron.words, zone: status.zone, times: times)
    }

    private static func answer(
        _ question: Question, _ pool: PostgresPool, _ times: ScheduleTimes
    ) async throws -> Answer {
        let cron = try CronExpression(question.cron)
        let rule = ClockChangeRule(
            gap: question.onGap.flatMap { .init(rawValue: $0) } ?? .atChange,
            overlap: question.onOverlap.flatMap { .init(rawValue: $0) } ?? .first)
        let span = try await Schedules(pool).read(first: question.from, second: question.until)
        let found = try await times.times(
            of: Schedule(id: 0, cron: cron, clockChange: rule), zone: question.zone, from: span.first ?? span.present,
            until: span.second, atMost: question.n ?? usual(span))
        return Answer(words: cron.words, zone: question.zone, times: found)
    }

    /// All of a span that has an end.
    private static func usual(_ span: ReadTimes) -> Int { span.second == nil ? 20 : ScheduleTimes.most }

    private func answerLines(_ pool: PostgresPool, _ times: ScheduleTimes) async throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var (asked, refused) = (0, 0)
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            asked += 1
            do {
                let question = try Self.question(line)
                let answer = try await Self.answer(question, pool, times)
                try Console.data(String(decoding: try encoder.encode(answer), as: UTF8.self))
            } catch {
                let failure = Failure(error)
                guard failure.status == .refused else { throw error }
                refused += 1
                let answer = try encoder.encode(["error": failure.description])
                try Console.data(String(decoding: answer, as: UTF8.self))
            }
        }
        guard refused == 0 else { throw Failure("\(refused) of \(asked) questions could not be answered", .refused) }
    }

    private static func question(_ line: String) throws -> Question {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let question = try? decoder.decode(Question.self, from: Data(line.utf8)) else {
            throw Failure("a question is a JSON object with cron and zone", .refused)
        }
        do {
            try ClockChangeRule.check(question.onGap, question.onOverlap)
        } catch {
            throw Failure("on_gap is at_change or skip, on_overlap first, second or both", .refused)
        }
        guard (1...ScheduleTimes.most).contains(question.n ?? 1) else { throw Failure("n is 1 to 100000", .refused) }
        return question
    }

    static func table(_ times: [ScheduledTime]) -> Table {
        var table = Table("by the clock there", "UTC", "fires (UTC)")
        for time in times { table.add(time.local, time.nominal, time.fires) }
        return table
    }
}

extension ClockChangeRule {
    /// - Throws: when one of them is no rule.
    static func check(_ gap: String?, _ overlap: String?) throws {
        guard gap.map({ Gap(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--on-gap is at_change or skip.")
        }
        guard overlap.map({ Overlap(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--on-overlap is first, second or both.")
        }
    }
}

import Delivery
import Foundation
import Testing

@Suite("Cron expressions")
struct CronExpressionTests {
    @Test(
        "fields, lists, ranges, steps and names mean what crontab(5) says",
        arguments: [
            ("* * * * *", "2026-11-21T10:07:30Z", "2026-11-21T10:08:00Z"),
            ("*/15 * * * *", "2026-11-21T10:15:00Z", "2026-11-21T10:30:00Z"),
            ("5-59/20 * * * *", "2026-11-21T10:45:00Z", "2026-11-21T11:05:00Z"),
            ("0,30 9-10 * * *", "2026-11-21T10:30:00Z", "2026-11-22T09:00:00Z"),
            ("23 0-20/2 * * *", "2026-11-21T20:23:00Z", "2026-11-22T00:23:00Z"),
            ("5 4 * * sun", "2026-11-21T10:00:00Z", "2026-11-22T04:05:00Z"),
            ("5 4 * * 7", "2026-11-21T10:00:00Z", "2026-11-22T04:05:00Z"),
            ("0 8 * * MON-FRI", "2026-11-20T08:00:00Z", "2026-11-23T08:00:00Z"),
            ("0 8 * * fri-sun", "2026-11-22T08:00:00Z", "2026-11-27T08:00:00Z"),
            ("*/60 */24 * * *", "2026-11-21T10:00:00Z", "2026-11-22T00:00:00Z"),
            ("0 8 * * */2", "2026-11-22T08:00:00Z", "2026-11-24T08:00:00Z"),
            ("15 14 1 * *", "2026-11-21T10:00:00Z", "2026-12-01T14:15:00Z"),
            ("0 0 1 jan,JUL *", "2026-11-21T10:00:00Z", "2027-01-01T00:00:00Z"),
            ("0 0 31 * *", "2026-11-21T10:00:00Z", "2026-12-31T00:00:00Z"),
            ("0 0 29 2 *", "2026-11-21T10:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 29 2 */7", "2088-02-29T00:00:00Z", "2128-02-29T00:00:00Z"),
            ("  0\t0  29 2   *", "2096-03-01T10:00:00Z", "2104-02-29T00:00:00Z"),
            ("59 23 31 12 *", "1969-12-31T23:58:59Z", "1969-12-31T23:59:00Z"),
        ])
    func times(text: String, after: String, next: String) throws {
        #expect(try CronExpression(text).next(after: instant(after), on: .utc) == instant(next))
    }

    @Test(
        "either day field is enough, both are needed when one begins with a star",
        arguments: [
            ("0 0 13 * 5", "2026-11-21T00:00:00Z", "2026-11-27T00:00:00Z"),
            ("0 0 13 * 5", "2026-12-12T00:00:00Z", "2026-12-13T00:00:00Z"),
            ("0 0 */2 * 5", "2026-11-21T00:00:00Z", "2026-11-27T00:00:00Z"),
            ("0 0 */2 * 5", "2026-12-01T00:00:00Z", "2026-12-11T00:00:00Z"),
            ("0 0 30 2 1", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"),
        ])
    func days(text: String, after: String, next: String) throws {
        #expect(try CronExpression(text).next(after: instant(after), on: .utc) == instant(next))
    }

    @Test(
        "a nickname is its five fields",
        arguments: [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@Midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), (" @annually ", "0 0 1 1 *"),
        ])
    func nicknames(text: String, fields: String) throws {
        #expect(try CronExpression(text) == CronExpression(fields))
        #expect(try CronExpression(text).description == fields)
    }

    @Test(
        "a time that is named fires once a day, whatever the clocks do",
        arguments: [
            // Warsaw: 02:00 to 03:00 is left out on 29 March and comes twice until 03:00 on 25 October.
            ("30 2 * * *", "Europe/Warsaw", "2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00"),
            ("30 2 * * *", "Europe/Warsaw", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"),
            ("0,30 2-3 * * *", "Europe/Warsaw", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"),
            ("30 2 * * *", "Europe/Warsaw", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00"),
            ("30 2 * * *", "Europe/Warsaw", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
            // Lord Howe: half an hour, 02:00 to 02:30 left out.
            ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "2026-10-04T02:30:00+11:00"),
            // Samoa: all of 30 December 2011 left out.
            ("0 9 * * *", "Pacific/Apia", "2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00"),
            // Newfoundland: back by an hour at 00:01.
            ("0 0 * * *", "America/St_Johns", "2006-10-28T12:00:00-02:30", "2006-10-29T00:00:00-02:30"),
            ("30 23 * * *", "America/St_Johns", "2006-10-28T23:30:00-02:30", "2006-10-29T23:30:00-03:30"),
        ])
    func clockChanges(text: String, zone: String, after: String, next: String) throws {
        #expect(try CronExpression(text).next(after: instant(after), on: clock(zone)) == instant(next))
    }

    @Test(
        "one for every hour fires by the time that passes",
        arguments: [
            ("30 * * * *", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
            ("30 * * * *", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"),
            ("*/20 * * * *", "2026-10-25T02:40:00+02:00", "2026-10-25T02:00:00+01:00"),
            ("0 * 25 10 *", "2026-10-26T00:00:00+01:00", "2027-10-25T00:00:00+02:00"),
        ])
    func everyHour(text: String, after: String, next: String) throws {
        #expect(try CronExpression(text).next(after: instant(after), on: clock("Europe/Warsaw")) == instant(next))
    }

    @Test("a year of a daily time has one for each day")
    func wholeYear() throws {
        let expression = try CronExpression("30 2 * * *")
        let (warsaw, end) = (try clock("Europe/Warsaw"), try instant("2027-01-01T00:00:00+01:00"))
        var times: [Instant] = []
        while let next = expression.next(after: try times.last ?? instant("2026-01-01T00:00:00+01:00"), on: warsaw),
            next < end
        {
            times.append(next)
        }
        #expect(times.count == 365)
    }

    @Test("at the ends of the range there is none")
    func extremes() throws {
        let expression = try CronExpression("* * * * *")
        #expect(expression.next(after: Instant(microseconds: .max), on: .utc) == nil)
        #expect(expression.next(after: Instant(microseconds: .min), on: .utc) == nil)
    }

    @Test(
        "what is not an expression is refused with the field and the remedy",
        arguments: [
            ("", .hasFiveFields, nil), ("* * * *", .hasFiveFields, nil),
            ("0 0 9 * * *", .hasFiveFields, nil), ("0\n0 * * *", .hasFiveFields, nil),
            ("@reboot", .nicknameIsKnown, nil), (String(repeating: "*", count: 257), .isNotTooLong, nil),
            ("60 * * * *", .valuesAreInRange, .minute), ("* 24 * * *", .valuesAreInRange, .hour),
            ("* * 0 * *", .valuesAreInRange, .day), ("* * * 13 *", .valuesAreInRange, .month),
            ("* * * * 8", .valuesAreInRange, .weekday), ("* * * * 99999999999999999999", .itemsAreValues, .weekday),
            ("- * * * *", .itemsAreValues, .minute), ("-5 * * * *", .itemsAreValues, .minute),
            ("1, * * * *", .itemsAreValues, .minute), ("+5 * * * *", .itemsAreValues, .minute),
            ("٣ * * * *", .itemsAreValues, nil), ("* * * * frı", .itemsAreValues, nil),
            ("* JAN * * *", .itemsAreValues, .hour), ("* * * JANUARY *", .itemsAreValues, .month),
            ("* * L * *", .itemsAreValues, .day), ("* * * * 5#2", .itemsAreValues, .weekday),
            ("* * ? * *", .itemsAreValues, .day), ("* 22-2 * * *", .rangesGoForward, .hour),
            ("5/15 * * * *", .stepsHaveARange, .minute), ("*/0 * * * *", .stepsAreInRange, .minute),
            ("*/61 * * * *", .stepsAreInRange, .minute), ("*/ * * * *", .itemsAreValues, .minute),
            ("*/5/5 * * * *", .itemsAreValues, .minute), ("0 0 30 2 *", .dayExists, .day),
            ("0 0 31 4,6,9,11 *", .dayExists, .day),
        ] as [(String, CronError.Rule, CronUnit?)])
    func refused(text: String, rule: CronError.Rule, unit: CronUnit?) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.rule == rule)
        #expect(error.unit == unit)
    }

    @Test("an error names the field, shows a short part as it is, and says what to write")
    func messages() throws {
        let hour = try #require(throws: CronError.self) { try CronExpression("0 24 * * *") }
        #expect(hour.description == "cron hour must have only values in its range (0 to 23): \"24\"")
        let long = try #require(throws: CronError.self) { try CronExpression("every working day at nine o'clock") }
        let pasted = try #require(throws: CronError.self) { try CronExpression("+15005550101") }
        #expect(pasted.description.hasSuffix("between them: 12 bytes"))
        #expect(long.description.hasSuffix("with spaces between them: 33 bytes"))
    }

    private func instant(_ text: String) throws -> Instant {
        Instant(microseconds: Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000_000)
    }

    private func clock(_ name: String) throws -> WallClock {
        let zone = try #require(TimeZone(identifier: name))
        return WallClock {
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0.microseconds) / 1_000_000))
        }
    }
}

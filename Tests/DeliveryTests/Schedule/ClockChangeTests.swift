import Delivery
import Foundation
import Testing

@Suite("Clock changes")
struct ClockChangeTests {
    @Test(
        "a rule says what comes of a time that is left out, or shown twice",
        arguments: [
            // Warsaw: 02:00 to 03:00 is left out on 29 March and comes twice until 03:00 on 25 October.
            ("30 2 * * *", ClockChangeRule(gap: .skip), "2026-03-28T03:00:00Z", "2026-03-30T00:30:00Z"),
            ("30 2 * * *", ClockChangeRule(gap: .atChange), "2026-03-28T03:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", ClockChangeRule(overlap: .first), "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", ClockChangeRule(overlap: .second), "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z"),
            ("30 2 * * *", ClockChangeRule(overlap: .both), "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", ClockChangeRule(overlap: .both), "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("0,30 2 * * *", ClockChangeRule(overlap: .both), "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
            ("0,30 2 * * *", ClockChangeRule(overlap: .both), "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
            ("30 * * * *", ClockChangeRule(overlap: .first), "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ])
    func rules(text: String, rule: ClockChangeRule, after: String, next: String) throws {
        let clock = warsaw.clock
        #expect(try CronExpression(text).next(after: instant(after), on: clock, rule) == instant(next))
    }

    @Test("of a clock that is set back over midnight, every time is found once and in order")
    func overMidnight() throws {
        // At 00:01 on the 29th it is set back to 23:01 on the 28th, as in Newfoundland until 2011.
        let change = Int(try instant("2006-10-29T02:31:00Z").microseconds / 1_000_000)
        let clock = ZoneRules(first: -9_000, changes: [.init(at: change, offset: -12_600)]).clock
        let cron = try CronExpression("0,30 0,1,2,20,21,22,23 * * *")
        for (overlap, count) in [(ClockChangeRule.Overlap.first, 14), (.second, 14), (.both, 16)] {
            var times: [Instant] = []
            let end = try instant("2006-10-29T14:30:00Z")
            while let next = cron.next(
                after: try times.last ?? instant("2006-10-28T14:00:00Z"), on: clock, .init(overlap: overlap)),
                next < end
            {
                times.append(next)
            }
            #expect(times == times.sorted() && Set(times).count == count, "\(overlap)")
        }
    }

    @Test("offsets are those of the last change")
    func offsets() throws {
        #expect(ZoneRules.utc.offset(at: Instant(microseconds: .max)) == 0)
        #expect(warsaw.offset(at: try instant("2026-03-29T00:59:59Z")) == 3_600)
        #expect(warsaw.offset(at: try instant("2026-03-29T01:00:00Z")) == 7_200)
        #expect(warsaw.offset(at: try instant("2030-03-29T01:00:00Z")) == 3_600)
        #expect(warsaw.offset(at: Instant(microseconds: -1)) == 3_600)
    }

    private let warsaw = ZoneRules(
        first: 3_600, changes: [.init(at: 1_792_890_000, offset: 3_600), .init(at: 1_774_746_000, offset: 7_200)])
}

func instant(_ text: String) throws -> Instant {
    Instant(microseconds: Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000_000)
}

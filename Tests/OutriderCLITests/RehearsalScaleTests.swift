import Delivery
import Testing

@testable import OutriderCLI

@Suite("The scale of a rehearsal")
struct RehearsalScaleTests {
    /// A campaign, and what is asked for, beside what the rehearsal does.
    struct Case: Sendable, CustomTestStringConvertible {
        var people, rehearsed: Int
        var seconds, rate: Double?
        var longestWait = 3_600
        var hasSilent = false
        var asked: Double?
        let pace, waits, rateInRehearsal: Double
        var isCapped = false

        var testDescription: String { "\(rehearsed) of \(people) in \(seconds ?? -1) s, asked \(asked ?? 0)" }
    }

    @Test(
        "rates shrink with the people and grow with the pace, and the slowest sender keeps whole sends a second",
        arguments: [
            // A run of half a minute. 50 · 4/3 is 66.7 a second; at 67 no window loses a part of a send.
            Case(people: 2_000, rehearsed: 2_000, seconds: 40, rate: 50, pace: 1.34, waits: 4, rateInRehearsal: 67),
            // One of five hundred people, so a rate of one five-hundredth, at the same course.
            Case(
                people: 1_000_000, rehearsed: 2_000, seconds: 20_000, rate: 50, pace: 670, waits: 670,
                rateInRehearsal: 67),
            // It is over soon by itself.
            Case(people: 100, rehearsed: 100, seconds: 2, rate: 50, pace: 1, waits: 4, rateInRehearsal: 50),
            // Less than one send a second needs no whole number.
            Case(
                people: 10, rehearsed: 10, seconds: 100, rate: 0.1, pace: 100.0 / 30, waits: 4, rateInRehearsal: 1.0 / 3
            ),
            // Somebody never answers: an hour passes in twenty seconds.
            Case(
                people: 2_000, rehearsed: 2_000, seconds: 40, rate: 50, hasSilent: true, pace: 1.34, waits: 180,
                rateInRehearsal: 67),
            // As asked for, both.
            Case(
                people: 2_000, rehearsed: 2_000, seconds: 400, rate: 5, asked: 2, pace: 2, waits: 2, rateInRehearsal: 10
            ),
            // A host does a hundred people a second, whatever is asked for. Waits are as asked for.
            Case(
                people: 2_000, rehearsed: 2_000, seconds: 40, rate: 50, asked: 60, pace: 2, waits: 60,
                rateInRehearsal: 100, isCapped: true),
            // No sender has a rate.
            Case(people: 2_000, rehearsed: 200, pace: 1, waits: 4, rateInRehearsal: 5),
        ])
    func table(_ each: Case) {
        let scale = RehearsalScale(
            RehearsalScale.Campaign(
                people: each.people, rehearsed: each.rehearsed, seconds: each.seconds, limitingRate: each.rate,
                longestWait: each.longestWait, hasSilent: each.hasSilent), asked: each.asked)
        #expect(abs(scale.pace - each.pace) < 1e-9 * each.pace)
        #expect(abs(scale.waits - each.waits) < 1e-9 * each.waits)
        #expect(abs(scale.rate(each.rate ?? 50) - each.rateInRehearsal) < 1e-9 * each.rateInRehearsal)
        #expect(scale.isCapped == each.isCapped)
        #expect(scale.whole(each.rehearsed) == each.people)
    }

    @Test("a wait is never so short that a receipt in time would be late, and never longer than it was")
    func waits() {
        let scale = RehearsalScale(
            RehearsalScale.Campaign(
                people: 100, rehearsed: 100, seconds: 2, limitingRate: 50, longestWait: 3_600, hasSilent: true))
        #expect(scale.waits == 180)
        for (seconds, channel, expected) in [
            (3_600, Channel.sms, 20), (20, .sms, 5), (90, .voice, 15), (5, .voice, 5), (36_000, .email, 200),
            (901, .email, 6),
        ] {
            #expect(scale.wait(seconds, on: channel) == expected, "\(seconds) s on \(channel)")
        }
    }

    @Test("a rehearsal is given time for its sends and for its longest waits, however slow it was asked to be")
    func patience() {
        let scale = RehearsalScale(
            RehearsalScale.Campaign(
                people: 100, rehearsed: 100, seconds: 200, limitingRate: nil, longestWait: 3_600, hasSilent: true),
            asked: 0.5)
        #expect(scale.patience == 22_980)
    }

    @Test("a sender's rate stays within what a sender may have")
    func limits() {
        let slow = RehearsalScale(
            RehearsalScale.Campaign(
                people: 1_000_000, rehearsed: 1, seconds: 1, limitingRate: nil, longestWait: 60, hasSilent: false))
        #expect(slow.rate(1) == 0.001)
        let fast = RehearsalScale(
            RehearsalScale.Campaign(
                people: 1, rehearsed: 1, seconds: nil, limitingRate: nil, longestWait: 60, hasSilent: false),
            asked: 100_000)
        #expect(fast.rate(50) == 10_000)
    }
}

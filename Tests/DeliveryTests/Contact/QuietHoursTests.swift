import Delivery
import Foundation
import Testing

/// Quiet hours against a calendar that is read minute by minute.
@Suite("Quiet hours")
struct QuietHoursTests {
    /// A zone and a minute near each of two changes of its clock.
    struct Place: Sendable, CustomTestStringConvertible {
        var zone: String
        var changes: [String]
        var testDescription: String { zone }
    }

    static let places = [
        Place(zone: "America/New_York", changes: ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
        Place(zone: "Europe/Berlin", changes: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
        Place(zone: "Europe/London", changes: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
        Place(zone: "Australia/Sydney", changes: ["2026-04-04T16:00:00Z", "2026-10-03T16:00:00Z"]),
        Place(zone: "Australia/Lord_Howe", changes: ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
        Place(zone: "Africa/Casablanca", changes: ["2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"]),
        Place(zone: "Europe/Dublin", changes: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
        Place(zone: "Antarctica/Troll", changes: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
        Place(zone: "Pacific/Chatham", changes: ["2026-04-04T14:00:00Z", "2026-09-26T14:00:00Z"]),
        Place(zone: "America/Santiago", changes: ["2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"]),
        Place(zone: "Africa/Cairo", changes: ["2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"]),
        // Its clock skipped a whole day, and a summer time of its own began before.
        Place(zone: "Pacific/Apia", changes: ["2011-09-24T11:00:00Z", "2011-12-30T10:00:00Z"]),
    ]

    /// The federal night and a Sunday morning; a span within the hour that changes; one over midnight on some days.
    private static let rules: [[QuietHours]] = [
        [
            QuietHours(name: "night", jurisdiction: "*", begins: 21 * 60, ends: 8 * 60),
            QuietHours(name: "sunday", jurisdiction: "*", days: [7], begins: 0, ends: 12 * 60),
        ],
        [
            QuietHours(name: "change", jurisdiction: "*", begins: 90, ends: 165),
            QuietHours(name: "midnight", jurisdiction: "*", days: [5, 6, 7], begins: 23 * 60 + 30, ends: 30),
        ],
    ]

    @Test(
        "in every minute around each change of twelve zones' clocks nothing is admitted inside, and what waits is let go in the first minute that is allowed",
        arguments: places)
    func everyMinute(place: Place) throws {
        let zone = try #require(TimeZone(identifier: place.zone))
        for change in try place.changes.map({ Int(try instant($0).microseconds / 1_000_000) }) {
            for hours in Self.rules { try check(hours, [zone], around: change) }
        }
    }

    @Test("a number that may be in several zones waits until it is quiet in none of them")
    func strictest() throws {
        let zones = try ["America/New_York", "America/Chicago", "Pacific/Honolulu"].map {
            try #require(TimeZone(identifier: $0))
        }
        try check(Self.rules[0], zones, around: Int(try instant("2026-03-08T07:00:00Z").microseconds / 1_000_000))
    }

    /// Compares 30 hours before and after a change with what a calendar says of each minute.
    private func check(_ hours: [QuietHours], _ zones: [TimeZone], around change: Int) throws {
        let start = change - change % 60 - 30 * 3_600
        let oracle = Oracle(hours, zones, from: start, days: 6)
        let rules = ContactRules(
            quietHours: hours,
            places: PrefixTable([("999", NumberPlace(country: nil, zones: zones.map(\.identifier)))]),
            zones: Dictionary(uniqueKeysWithValues: zones.map { ($0.identifier, Clock.rules(of: $0, around: change)) }))
        for minute in 0..<(60 * 60) {
            let now = Instant(microseconds: Int64(start + minute * 60) * 1_000_000 + Int64(minute % 60) * 900_000)
            let contact = Contact(job: minute, tenant: "a", category: .marketing, channel: .sms, number: "+99912345678")
            switch rules.ruling(on: contact, at: now) {
            case .allowed: try #require(!oracle.quiet[minute], "admitted inside, at \(now)")
            case .quiet(let rule, let opens, let until):
                try #require(oracle.quiet[minute], "kept back outside, at \(now), by \(rule)")
                let first = try #require(oracle.opening(after: minute))
                try #require(
                    Int(opens.microseconds / 1_000_000) == start + first * 60, "opens at \(opens), asked at \(now)")
                try #require(until >= opens && until < opens.advanced(by: .seconds(300)))
                try #require(
                    !oracle.quiet[Int(until.microseconds / 1_000_000 - Int64(start)) / 60], "spread into \(rule)")
            case .prefixBlocked, .invalidNumber, .countryNotAllowed, .routeClosed: Issue.record("no such rule")
            }
        }
    }

    /// What a calendar shows in each minute, and whether it is quiet then.
    private struct Oracle {
        var quiet: [Bool]

        init(_ hours: [QuietHours], _ zones: [TimeZone], from start: Int, days: Int) {
            quiet = (0..<(days * 1_440)).map { minute in
                let date = Date(timeIntervalSince1970: Double(start + minute * 60))
                return zones.contains { zone in hours.contains { Self.isQuiet($0, date, zone) } }
            }
        }

        private static func isQuiet(_ hours: QuietHours, _ date: Date, _ zone: TimeZone) -> Bool {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
            let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
            let today = ((parts.weekday ?? 1) + 5) % 7 + 1  // Sunday is 1 there, and 7 here.
            let yesterday = (today + 5) % 7 + 1
            if hours.begins < hours.ends {
                return hours.days.contains(today) && minute >= hours.begins && minute < hours.ends
            }
            return hours.days.contains(today) && minute >= hours.begins
                || hours.days.contains(yesterday) && minute < hours.ends
        }

        func opening(after minute: Int) -> Int? { quiet[minute...].firstIndex(of: false) }
    }

    private enum Clock {
        /// The offsets for some days before and after an instant, the second of each change found by halves.
        static func rules(of zone: TimeZone, around change: Int) -> ZoneRules {
            func offset(_ second: Int) -> Int {
                zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            }
            let start = change - 10 * 86_400
            var changes: [ZoneRules.Change] = []
            for day in 0..<20 {
                var (low, high) = (start + day * 86_400, start + (day + 1) * 86_400)
                guard offset(low) != offset(high) else { continue }
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if offset(middle) == offset(low) { low = middle } else { high = middle }
                }
                changes.append(.init(at: high, offset: offset(high)))
            }
            return ZoneRules(first: offset(start), changes: changes)
        }
    }
}

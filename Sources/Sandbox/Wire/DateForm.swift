import Delivery
import Foundation

/// The date forms the providers use, written without locale or time zone surprises.
enum DateForm {
    /// RFC 2822 in UTC, as the 2010 API writes it: `Thu, 24 Aug 2023 05:01:45 +0000`.
    static func rfc2822(_ date: Date) -> String {
        let civil = CivilTime(date)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekdays[civil.weekday]), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
    }

    /// ISO 8601 in UTC with seconds, as the v2 APIs write it: `2015-07-30T20:00:00Z`.
    static func iso8601(_ date: Date) -> String {
        let civil = CivilTime(date)
        return "\(civil.year)-\(two(civil.month))-\(two(civil.day))T"
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))Z"
    }

    /// The carrier's `YYMMDDhhmm` of `RawDlrDoneDate`.
    static func carrier(_ date: Date) -> String {
        let civil = CivilTime(date)
        return two(civil.year % 100) + two(civil.month) + two(civil.day) + two(civil.hour) + two(civil.minute)
    }

    /// Reads `2025-01-31` or `2025-01-31T10:00:00Z`; `nil` for anything else.
    static func parse(_ text: String) -> Date? {
        let isDay = text.utf8.count == 10
        return try? Date(isDay ? text + "T00:00:00Z" : text, strategy: .iso8601)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A UTC instant as calendar fields; the weekday counts from Thursday, the day the epoch began.
private struct CivilTime {
    var year, month, day, hour, minute, second, weekday: Int

    init(_ date: Date) {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let ofDay = seconds - days * 86_400
        (hour, minute, second) = (ofDay / 3600, ofDay % 3600 / 60, ofDay % 60)
        weekday = ((days % 7) + 7) % 7
        let date = CivilDate(daysSinceEpoch: days)
        (year, month, day) = (date.year, date.month, date.day)
    }
}

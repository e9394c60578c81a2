/// One field of a cron expression: the values it allows.
struct CronField: Sendable, Hashable {
    /// Bit n for the value n; Sunday is 0.
    private(set) var bits: UInt64 = 0
    /// It begins with `*`, which crontab(5) takes for "not restricted", whatever step follows.
    let isStar: Bool

    /// - Parameter text: In upper case.
    /// - Throws: `CronError` when the text is not a list of values, ranges and steps of this unit.
    init(_ text: Substring, _ unit: CronUnit) throws(CronError) {
        isStar = text.hasPrefix("*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try Self.values(of: item, unit) {
                bits |= 1 << UInt64(unit == .weekday && value == 7 ? 0 : value)
            }
        }
    }

    func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

    /// In ascending order.
    var values: [Int] { (0...59).filter(contains) }

    private static func values(of item: Substring, _ unit: CronUnit) throws(CronError) -> StrideThrough<Int> {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let range = try range(of: parts[0], unit)
        guard parts.count == 2 else { return stride(from: range.lowerBound, through: range.upperBound, by: 1) }
        guard parts[0] == "*" || parts[0].contains("-") else { throw CronError(.stepsHaveARange, unit, in: item) }
        guard let step = number(parts[1]) else { throw CronError(.itemsAreValues, unit, in: item) }
        guard step >= 1, step <= range.count else { throw CronError(.stepsAreInRange, unit, in: item) }
        return stride(from: range.lowerBound, through: range.upperBound, by: step)
    }

    private static func range(of text: Substring, _ unit: CronUnit) throws(CronError) -> ClosedRange<Int> {
        // Of the week's two Sundays `*` has one, or a step would count through both.
        if text == "*" { return unit == .weekday ? 0...6 : unit.range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], unit)
        guard ends.count == 2 else { return first...first }
        var last = try value(ends[1], unit)
        if unit == .weekday, last == 0, first > 0 { last = 7 }  // Up to Sunday.
        guard first <= last else { throw CronError(.rangesGoForward, unit, in: text) }
        return first...last
    }

    private static func value(_ text: Substring, _ unit: CronUnit) throws(CronError) -> Int {
        if let name = unit.names.firstIndex(of: String(text)) { return unit.range.lowerBound + name }
        guard let number = number(text) else { throw CronError(.itemsAreValues, unit, in: text) }
        guard unit.range.contains(number) else { throw CronError(.valuesAreInRange, unit, in: text) }
        return number
    }

    /// Digits alone: no sign, not the digits of other scripts.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

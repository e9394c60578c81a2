/// Why a text is no cron expression: the field, the rule it breaks, and the part that breaks it.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first rule that the text breaks.
    public let rule: Rule
    /// The field; nil when it is about the whole expression.
    public let unit: CronUnit?
    /// The part as it is written when that is short, plain and no address, or its length.
    public let shape: String

    public enum Rule: String, Sendable, Hashable, CaseIterable {
        case hasFiveFields =
            "must have five fields (minute, hour, day of month, month, day of week) with spaces between them"
        case isNotTooLong = "must have at most 256 bytes"
        case nicknameIsKnown = "must be one of @hourly, @daily, @weekly, @monthly and @yearly, or have five fields"
        case itemsAreValues = "must have only numbers, names, *, ranges (1-5), lists (1,3) and steps (*/15)"
        case valuesAreInRange = "must have only values in its range"
        case rangesGoForward = "must not have a range that ends before it begins: write two, such as 22-23,0-2"
        case stepsHaveARange = "must have a step only after * or a range, such as 5-59/15"
        case stepsAreInRange = "must have a step of at least 1 and at most the length of its range"
        case dayExists = "must have a day that one of the months has, or it would never come"
    }

    init(_ rule: Rule, _ unit: CronUnit? = nil, in part: some StringProtocol) {
        self.rule = rule
        self.unit = unit
        let bytes = part.utf8
        let isPlain = bytes.count <= 16 && bytes.allSatisfy { (0x20...0x7e).contains($0) }
        // Somebody may have pasted into the wrong field.
        let isAddress = bytes.contains(UInt8(ascii: "@")) || bytes.count { (0x30...0x39).contains($0) } >= 7
        shape = isPlain && (!isAddress || rule == .nicknameIsKnown) ? "\"\(part)\"" : "\(bytes.count) bytes"
    }

    public var description: String {
        let range = unit.map { rule == .valuesAreInRange ? " (\($0.range.lowerBound) to \($0.range.upperBound))" : "" }
        return "cron \(unit?.rawValue ?? "expression") \(rule.rawValue)\(range ?? ""): \(shape)"
    }
}

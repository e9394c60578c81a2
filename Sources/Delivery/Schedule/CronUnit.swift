/// What a field of a cron expression counts, in the order of the fields.
public enum CronUnit: String, Sendable, Hashable, CaseIterable {
    case minute
    case hour
    case day = "day of month"
    case month
    case weekday = "day of week"

    /// The numbers that may be written. 0 and 7 are Sunday.
    public var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// Written in place of numbers, here in upper case as the expression is; the first stands for the first number.
    var names: [String] {
        switch self {
        case .minute, .hour, .day: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }
}

import Delivery

/// Each time of a schedule is decided once, none is missed, and nothing else fires.
///
/// It finds the times itself, minute by minute, with none of the code that fires.
struct OneFiring: Checker {
    let name = "one-firing"
    private var decided: Set<FireKey> = []
    private let until: Time

    /// - Parameter until: when the faults end: a while before it every time must have been decided when the run is over.
    init(until: Time) { self.until = until }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .fired(let time): return see(time)
        case .passedOver(let time, _):
            guard time.schedule == 3 else { return "\(time) was passed over" }
            return see(time)
        default: return nil
        }
    }

    private mutating func see(_ time: FireKey) -> String? {
        guard decided.insert(time).inserted else { return "\(time) was decided twice" }
        return Self.isTime(of: time.schedule, Self.second(time.nominal)) ? nil : "\(time) is no time of it"
    }

    func atEnd(_ database: SimulatedDatabase) -> String? {
        let start = Int(Time.epoch / 1_000_000)
        // A look that began in the faults may last until 12 s after them.
        let end = start + max(0, Int(until / 1_000_000) - 20)
        for schedule in 1...3 {
            for second in start...end where second > start && Self.isTime(of: schedule, second) {
                let time = FireKey(schedule: schedule, nominal: Instant(microseconds: Int64(second) * 1_000_000))
                if !decided.contains(time) { return "\(time) was missed" }
            }
        }
        return nil
    }

    private static func second(_ instant: Instant) -> Int { Int(instant.microseconds / 1_000_000) }

    private static func isTime(of schedule: Int, _ second: Int) -> Bool {
        guard second % 60 == 0 else { return false }
        guard schedule == 2 else { return true }
        let shown = shown(second)
        // The first of those that look alike.
        let isFirst = !(1...5).contains { Self.shown(second - 60 * $0) == shown }
        return isFirst && shown / 3_600 % 24 == 0
    }

    /// The clock of the second schedule's place.
    private static func shown(_ second: Int) -> Int {
        second + (second < Int(Time.epoch / 1_000_000) + 100 ? 7_200 : 7_080)
    }
}

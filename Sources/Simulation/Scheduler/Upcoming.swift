import HeapModule

/// What happens next, by time; of two things at one time, the one planned first.
struct Upcoming: Sendable {
    typealias Action = @Sendable (inout World) -> Void

    private struct Entry: Sendable, Comparable {
        var at: Time
        var number: Int
        var action: Action

        static func == (one: Entry, other: Entry) -> Bool { one.number == other.number }
        static func < (one: Entry, other: Entry) -> Bool { (one.at, one.number) < (other.at, other.number) }
    }

    private var entries = Heap<Entry>()
    private var count = 0

    var next: Time? { entries.min?.at }

    mutating func add(at: Time, _ action: @escaping Action) {
        count += 1
        entries.insert(Entry(at: at, number: count, action: action))
    }

    mutating func takeNext() -> (at: Time, action: Action)? {
        entries.popMin().map { ($0.at, $0.action) }
    }
}

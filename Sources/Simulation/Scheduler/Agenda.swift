/// What happens next: a heap by time; of two things at one time, the one planned first.
struct Agenda: Sendable {
    typealias Action = @Sendable (inout World) -> Void

    private struct Entry: Sendable {
        var at: Time
        var number: Int
        var action: Action

        static func < (one: Entry, other: Entry) -> Bool { (one.at, one.number) < (other.at, other.number) }
    }

    private var heap: [Entry] = []
    private var count = 0

    var next: Time? { heap.first?.at }

    mutating func add(at: Time, _ action: @escaping Action) {
        count += 1
        heap.append(Entry(at: at, number: count, action: action))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeNext() -> (at: Time, action: Action)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.action)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

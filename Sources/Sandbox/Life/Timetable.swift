/// What is to happen when: a binary heap by time, then by order of entry, so that equal times keep their order.
struct Timetable<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var due: ContinuousClock.Instant
        var sequence: UInt64
        var item: Item

        func precedes(_ other: Entry) -> Bool {
            due == other.due ? sequence < other.sequence : due < other.due
        }
    }
    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    var count: Int { heap.count }

    /// When the next item is due; `nil` when there is none.
    var nextDue: ContinuousClock.Instant? { heap.first?.due }

    mutating func add(_ item: Item, at due: ContinuousClock.Instant) {
        sequence += 1
        heap.append(Entry(due: due, sequence: sequence, item: item))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the first item that is due at `now`.
    mutating func popDue(_ now: ContinuousClock.Instant) -> (due: ContinuousClock.Instant, item: Item)? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[smallest]) { smallest = child }
            }
            guard smallest != parent else { break }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
        return (first.due, first.item)
    }

    mutating func removeAll() { heap.removeAll() }
}

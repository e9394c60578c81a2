/// Joins settings that were read one after another, so that one run shows everything that is wrong with all of them.
enum Settings {
    static func all<each Value>(_ value: repeat (each Value)?) -> (repeat each Value)? {
        func present<One>(_ one: One?) throws(Absent) -> One {
            guard let one else { throw Absent() }
            return one
        }
        return try? (repeat present(each value))
    }

    private struct Absent: Error {}
}

/// Tasks that wait for the world, so that the death of their process can end the wait.
struct Waiters: Sendable {
    private struct Waiter: Sendable {
        var process: Int
        var fail: @Sendable () -> Void
    }

    private var waiters: [Int: Waiter] = [:]
    private var count = 0

    var isEmpty: Bool { waiters.isEmpty }

    /// - Parameter fail: resumes the task with an error.
    mutating func add(of process: Int, orElse fail: @escaping @Sendable () -> Void) -> Int {
        count += 1
        waiters[count] = Waiter(process: process, fail: fail)
        return count
    }

    /// Whether it was still waiting: whoever asks first may resume it, once.
    mutating func finish(_ number: Int) -> Bool {
        waiters.removeValue(forKey: number) != nil
    }

    mutating func fail(_ number: Int) {
        waiters.removeValue(forKey: number)?.fail()
    }

    mutating func failAll(of process: Int? = nil) {
        for (number, waiter) in waiters.sorted(by: { $0.key < $1.key }) {
            guard process == nil || waiter.process == process else { continue }
            waiters[number] = nil
            waiter.fail()
        }
    }
}

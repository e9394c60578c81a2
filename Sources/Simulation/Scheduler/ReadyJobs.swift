import Synchronization

/// The pieces of tasks that could run now, by the process they belong to. A frozen process's wait until it is thawed.
final class ReadyJobs: Sendable {
    private struct State {
        var ready: [(job: UnownedJob, process: ProcessExecutor)] = []
        var parked: [Int: [(job: UnownedJob, process: ProcessExecutor)]] = [:]
        var frozen: Set<Int> = []
    }

    private let state = Mutex(State())

    func add(_ job: UnownedJob, of process: ProcessExecutor) {
        state.withLock { state in
            if state.frozen.contains(process.number) {
                state.parked[process.number, default: []].append((job, process))
            } else {
                state.ready.append((job, process))
            }
        }
    }

    func freeze(_ process: Int) {
        state.withLock { state in
            guard state.frozen.insert(process).inserted else { return }
            state.parked[process, default: []] += state.ready.filter { $0.process.number == process }
            state.ready.removeAll { $0.process.number == process }
        }
    }

    func thaw(_ process: Int) {
        state.withLock { state in
            guard state.frozen.remove(process) != nil else { return }
            state.ready += state.parked.removeValue(forKey: process) ?? []
        }
    }

    /// Runs one job, chosen by chance; false when none is ready. What runs next of the ready jobs is a thread scheduler's
    /// free choice, so every choice must be right.
    func runOne(choosing random: inout SplitMix64) -> Bool {
        let choice = random.next()
        let taken = state.withLock { state -> (job: UnownedJob, process: ProcessExecutor)? in
            guard !state.ready.isEmpty else { return nil }
            let index = Int(choice % UInt64(state.ready.count))
            state.ready.swapAt(index, state.ready.count - 1)
            return state.ready.removeLast()
        }
        guard let taken else { return false }
        unsafe taken.job.runSynchronously(on: taken.process.asUnownedTaskExecutor())
        return true
    }
}

/// Where the tasks of one simulated process run: on the thread that drives the simulation, when it gets to them.
final class ProcessExecutor: TaskExecutor {
    let number: Int
    private let jobs: ReadyJobs

    init(number: Int, jobs: ReadyJobs) {
        self.number = number
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), of: self)
    }
}

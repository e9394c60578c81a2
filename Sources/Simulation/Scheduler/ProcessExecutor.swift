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

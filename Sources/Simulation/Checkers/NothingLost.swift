/// Promise 1: every committed job ends in an outcome or is held, once the faults are over.
struct NothingLost: Checker {
    let name = "nothing-lost"

    mutating func see(_ fact: Fact, at now: Time) -> String? { nil }

    func atEnd(_ database: Database) -> String? {
        let lost = database.jobs.keys.filter { !database.hasEnded($0) && !database.isHeld($0) }.sorted()
        return lost.first.map { "job \($0) neither ended nor is it held" }
    }
}

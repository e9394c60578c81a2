import Delivery

/// Any job with any facts, looked at for any reason. Each attempt learns its facts in the order given.
func checkDecision(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    var job = DecisionCase(&input)
    job.addAttempts(&input)
    try job.checkFacts()
    for reason in DueReason.allCases {
        let generations = [job.generation, 0, -1, job.facts.attempts.last?.generation ?? 1]
        for generation in generations {
            let action = job.action(on: generation, for: reason)
            try require(job.action(on: generation, for: reason) == action, "two answers to one question")
            try job.check(action, on: generation, for: reason)
            try job.checkExpiry(of: generation)
        }
    }
    try job.checkLateDelivery()
}

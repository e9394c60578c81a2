import Delivery

/// Any job with any facts, looked at for any reason. Each attempt learns its facts in the order given.
func checkDecision(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    var job = DecisionCase(&input)
    job.addAttempts(&input)
    try job.checkFacts()
    for reason in WakeReason.allCases {
        let generations = [job.wake, 0, -1, job.facts.attempts.last?.generation ?? 1]
        for generation in generations {
            let wake = Wake(generation: generation, reason: reason)
            let action = job.action(for: wake)
            try require(job.action(for: wake) == action, "two answers to one question")
            try job.check(action, for: wake)
            try job.checkExpiry(of: wake)
        }
    }
    try job.checkLateDelivery()
}

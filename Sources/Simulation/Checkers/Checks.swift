/// All the checkers of a run.
struct Checks: Sendable {
    private var checkers: [any Checker]

    /// - Parameter only: the names of those that watch; nil is all.
    init(workload: Workload, only names: Set<String>?) {
        let all: [any Checker] = [
            NothingLost(), OneAcceptPerIntent(), ProofBeforeRepeat(ladders: Workload.ladders), RightMessage(),
            NoSendAfterOptOut(), FenceHolds(), WindowHolds(), LadderNeverBack(), NothingAfterDelivery(),
            DurableBeforeAnswer(), RateHolds(senders: workload.senders), DeadMoveOn(), DatabaseClockDecides(),
            BackoffCapped(), OneWakePerDecision(),
        ]
        checkers = all.filter { names?.contains($0.name) ?? true }
    }

    mutating func see(_ fact: Fact, at now: Time) -> Alarm? {
        for index in checkers.indices {
            if let message = checkers[index].see(fact, at: now) {
                return Alarm(checker: checkers[index].name, message: message)
            }
        }
        return nil
    }

    func atEnd(database: Database, at now: Time) -> [Alarm] {
        checkers.compactMap { checker in
            checker.atEnd(database).map { Alarm(checker: checker.name, message: $0) }
        }
    }
}

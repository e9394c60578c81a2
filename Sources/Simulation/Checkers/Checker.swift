/// Watches one promise. It reads nothing but facts, so it cannot share a mistake with what it checks.
protocol Checker: Sendable {
    var name: String { get }

    /// Takes in one more fact; says what is broken, if something is.
    mutating func see(_ fact: Fact, at now: Time) -> String?

    /// What can only be said when the run is over.
    func atEnd(_ database: SimulatedDatabase) -> String?
}

extension Checker {
    func atEnd(_ database: SimulatedDatabase) -> String? { nil }
}

/// All the checkers of a run.
struct Checks: Sendable {
    private var checkers: [any Checker]

    /// - Parameter only: the names of those that watch; nil is all.
    init(workload: Workload, only names: Set<String>?) {
        let all: [any Checker] = [
            NothingLost(), OneAcceptPerIntent(), ProofBeforeRepeat(ladders: Workload.ladders), RightMessage(),
            NoSendAfterOptOut(senders: workload.senders), OptOutBindsNoOther(senders: workload.senders), FenceHolds(),
            WindowHolds(), LadderNeverBack(), NothingAfterDelivery(),
            DurableBeforeAnswer(), RateHolds(senders: workload.senders),
            CampaignRateHolds(rates: workload.campaignRates), DeadMoveOn(), DatabaseClockDecides(),
            BackoffCapped(), OneWakePerDecision(), PauseHolds(), OneFiring(until: workload.faultsEnd),
            BudgetHolds(), QuietHoursHold(workload.quiet), CapsHold(workload.cap),
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

    func atEnd(database: SimulatedDatabase, at now: Time) -> [Alarm] {
        checkers.compactMap { checker in
            checker.atEnd(database).map { Alarm(checker: checker.name, message: $0) }
        }
    }
}

/// A promise that was broken.
public struct Alarm: Sendable, Hashable, CustomStringConvertible {
    /// The checker's name.
    public var checker: String
    public var message: String

    public var description: String { "ALARM \(checker): \(message)" }
}

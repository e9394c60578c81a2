import Delivery

/// One thing that happened, as checkers and readers see it. Facts of the database are told when they are committed.
enum Fact: Sendable, CustomStringConvertible {
    case asked(JobRow)
    /// An intent was taken.
    case intent(RecordedEvent, Beginning)
    /// Any other event.
    case event(RecordedEvent)
    /// - lifted: contact is allowed again.
    case suppressed(SuppressionKey, lifted: Bool)
    case placed(PlacedRow)
    /// A row that was taken stands in a lane again, because its send could not begin or belongs to another sender.
    case putBack(PlacedRow)
    case campaign(Int, isPaused: Bool)
    /// A time of a schedule: it fired, or it was decided that it does not.
    case fired(FireKey)
    case passedOver(FireKey, TickSkip)
    /// A campaign has another rate from now on.
    case rated(campaign: Int, Double)
    /// How many messages of a campaign may be begun from now on; nil is any number.
    case budget(campaign: Int, Int?)
    case heartbeat(String)
    case rescued(String, deadAfter: Time)
    case leased(lease: Int, worker: String)
    case leaseGone(lease: Int)
    /// The first byte of a body left a worker.
    case bodyLeft(Wire)
    case accepted(String, Wire)
    case refused(Wire, code: String)
    /// What became of a message, by the provider's own books.
    case became(String, status: String, isFailure: Bool)
    /// - key: the webhook's own identity; a repetition has the same.
    case webhookAnswered(key: String, isStored: Bool)
    /// - ago: how long ago, for what was before the run.
    case wrote(address: String, to: String, id: String, ago: Time, word: OptOutKeyword? = nil)
    case process(Int, String)
    /// Somebody looked at the leases. `isWell`: the database is up and a worker runs.
    case watched(isWell: Bool, leases: [LeaseView])
    case world(String)

    var description: String {
        switch self {
        case .asked(let job): "asked     \(job)"
        case .intent(let event, let beginning): "recorded  \(event.line)\(beginning)"
        case .event(let event): "recorded  \(event.line)"
        case .suppressed(let key, let lifted): "\(lifted ? "allowed  " : "opted out") \(key)"
        case .placed(let row): "due       \(row)"
        case .putBack(let row): "put back  \(row)"
        case .budget(let id, let messages): "budget    \(id) \(messages.map(String.init) ?? "is lifted")"
        case .campaign(let id, let isPaused): "campaign  \(id) is \(isPaused ? "paused" : "resumed")"
        case .fired(let time): "fired     \(time)"
        case .passedOver(let time, let reason): "passed    \(time): \(reason.rawValue)"
        case .rated(let id, let rate): "campaign  \(id) has a rate of \(rate)"
        case .heartbeat: "heartbeat"
        case .rescued: "rescued   a dead worker's leases"
        case .leased(let lease, _): "lease     \(lease)"
        case .leaseGone(let lease): "released  lease \(lease)"
        case .bodyLeft(let wire): "body      \(wire)"
        case .accepted(let id, let wire): "ACCEPTED  \(id) \(wire)"
        case .refused(let wire, let code): "refused   \(code) \(wire)"
        case .became(let id, let status, _): "became    \(id) \(status)"
        case .webhookAnswered(let key, _): "webhook   \(key) answered 200"
        case .wrote(let address, let to, let id, let ago, let word):
            "inbound   \(id) from \(address) to \(to)" + (ago > 0 ? ", \(ago / 1_000_000) s ago" : "")
                + (word.map { ": \($0.rawValue)" } ?? "")
        case .process(let number, let what): "process   \(number) \(what)"
        case .watched: "watched"
        case .world(let what): "world     \(what)"
        }
    }
}

/// How an attempt began.
struct Beginning: Sendable, CustomStringConvertible {
    var address: String?
    /// Of its sender's rate.
    var cost = 1
    /// When the statement that inserted its intent took its snapshot.
    var seen: Time
    /// Whether another one was open that it would have waited for, had it the time.
    var isBeside = false

    var description: String { (cost > 1 ? " cost \(cost)" : "") + (isBeside ? " beside another" : "") }
}

/// What checkers and the simulated statements ask of an event.
extension JobEvent {
    var isIntent: Bool {
        if case .intent = self { true } else { false }
    }

    /// The secret of an intent.
    var token: String? {
        if case .intent(let token) = self { token } else { nil }
    }

    var answer: Answer? {
        if case .answered(let answer) = self { answer } else { nil }
    }

    var isAcceptance: Bool {
        if case .answered(.accepted) = self { true } else { false }
    }

    var receipt: Receipt? {
        if case .receipt(let receipt) = self { receipt } else { nil }
    }

    var isHold: Bool {
        if case .held = self { true } else { false }
    }

    var isRelease: Bool {
        if case .released = self { true } else { false }
    }

    var isContinued: Bool {
        if case .decided = self { true } else { false }
    }

    var isEnd: Bool {
        if case .ended = self { true } else { false }
    }

    var continuation: Continuation? {
        if case .decided(let next, _, _) = self { next } else { nil }
    }

    /// Whether the provider refused the sender for this recipient.
    var refusesPair: Bool {
        switch fact {
        case .refused(.wrongSender), .refused(.unregistered), .failed(.wrongSender), .failed(.unregistered): true
        default: false
        }
    }

    /// The code of a refusal or of a failure.
    var providerCode: String? {
        switch self {
        case .answered(.refused(let code, _, _, _)): code
        case .receipt(let receipt): receipt.code
        default: nil
        }
    }
}

extension JobEvent.Receipt {
    var level: SuccessLevel? {
        if case .reached(let level) = finding { level } else { nil }
    }
}

import Delivery

/// One thing that happened, as checkers and readers see it. Facts of the database are told when they are committed.
enum Fact: Sendable, CustomStringConvertible {
    case asked(JobRow)
    /// An intent was taken: to which address, and for how much of its sender's rate.
    case intent(RecordedEvent, to: String?, cost: Int)
    /// Any other event.
    case event(RecordedEvent)
    /// - lifted: contact is allowed again.
    case suppressed(String, Channel, lifted: Bool)
    case placed(DueRow)
    /// A claimed row was put back for later: another message like it is on its way.
    case deferred(DueRow)
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
    case wrote(address: String, to: String, id: String, ago: Time)
    case process(Int, String)
    /// Somebody looked at the leases. `isWell`: the database is up and a worker runs.
    case watched(isWell: Bool, leases: [LeaseView])
    case world(String)

    var description: String {
        switch self {
        case .asked(let job): "asked     \(job)"
        case .intent(let event, _, let cost): "recorded  \(event.line)" + (cost > 1 ? " cost \(cost)" : "")
        case .event(let event): "recorded  \(event.line)"
        case .suppressed(let address, let channel, let lifted):
            "\(lifted ? "allowed  " : "opted out") \(address) \(channel.rawValue)"
        case .placed(let row): "due       \(row)"
        case .deferred(let row): "deferred  \(row)"
        case .heartbeat: "heartbeat"
        case .rescued: "rescued   a dead worker's leases"
        case .leased(let lease, _): "lease     \(lease)"
        case .leaseGone(let lease): "released  lease \(lease)"
        case .bodyLeft(let wire): "body      \(wire)"
        case .accepted(let id, let wire): "ACCEPTED  \(id) \(wire)"
        case .refused(let wire, let code): "refused   \(code) \(wire)"
        case .became(let id, let status, _): "became    \(id) \(status)"
        case .webhookAnswered(let key, _): "webhook   \(key) answered 200"
        case .wrote(let address, let to, let id, let ago):
            "inbound   \(id) from \(address) to \(to)" + (ago > 0 ? ", \(ago / 1_000_000) s ago" : "")
        case .process(let number, let what): "process   \(number) \(what)"
        case .watched: "watched"
        case .world(let what): "world     \(what)"
        }
    }
}

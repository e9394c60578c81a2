import Delivery

/// An opt-out binds the tenants and the messages that it was about: nobody else's message is skipped for it.
struct OptOutBindsNoOther: Checker {
    let name = "opt-out-binds-no-other"
    private let numbers: NumberBook
    private var jobs: [Int: JobRow] = [:]
    private var wires: [String: Wire] = [:]
    /// All that people and providers ever said, whatever was taken back.
    private var said: Set<SuppressionKey> = []

    init(senders: [SenderRow]) { numbers = NumberBook(senders) }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): jobs[job.id] = job
        case .wrote(let address, let to, _, _, .stop):
            said.formUnion(SuppressionKey.optOut(of: address, by: numbers.tenants(of: to)))
        case .accepted(let id, let wire): wires[id] = wire
        case .refused(let wire, let code): said.formUnion(numbers.closed(by: code, of: wire))
        case .became(let id, let status, _):
            guard let wire = wires[id] else { break }
            for code in ["21610", "30004"] where status.contains(code) {
                said.formUnion(numbers.closed(by: code, of: wire))
            }
        case .event(let event) where event.event.answer == .skipped(.optedOut): return judge(event)
        default: break
        }
        return nil
    }

    private func judge(_ skip: RecordedEvent) -> String? {
        guard let job = jobs[skip.jobID], let channel = skip.channel, let address = job.address(on: channel) else {
            return nil
        }
        let binding = SuppressionKey.binding(address, on: channel, tenant: job.tenant, category: job.category)
        guard said.isDisjoint(with: binding) else { return nil }
        return "\(skip.line): nobody told \(job.tenant) to send \(address) no \(job.category.rawValue)"
    }
}

/// Whose each number is, and what a provider's word about a message of it closes: written down a second time, for checkers.
struct NumberBook: Sendable {
    private var owners: [String: Set<String>] = [:]

    init(_ senders: [SenderRow]) {
        for sender in senders { owners[sender.address, default: []].insert(sender.tenant ?? "") }
    }

    /// An empty one is every tenant.
    func tenants(of number: String) -> Set<String> {
        guard let owners = owners[number], !owners.contains("") else { return [""] }
        return owners
    }

    /// 21610: the person blocked the number. 30004: texts are blocked, and no offer may come by phone.
    func closed(by code: String, of wire: Wire) -> Set<SuppressionKey> {
        let tenants = tenants(of: wire.from)
        switch code {
        case "21610": return SuppressionKey.optOut(of: wire.to, by: tenants)
        case "30004":
            let texts = tenants.map { SuppressionKey(address: wire.to, channel: wire.channel, tenant: $0) }
            return SuppressionKey.optOut(of: wire.to, by: tenants, category: .marketing).union(texts)
        default: return []
        }
    }
}

extension SuppressionKey {
    /// A no on every phone channel.
    static func optOut(
        of address: String, by tenants: Set<String>, category: Delivery.Category? = nil
    ) -> Set<SuppressionKey> {
        Set(
            tenants.flatMap { tenant in
                Channel.phoneChannels.map {
                    SuppressionKey(address: address, channel: $0, tenant: tenant, category: category)
                }
            })
    }
}

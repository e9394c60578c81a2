/// Resources by sid, in order of creation, indexed by recipient. Holds at most `capacity`: the oldest are forgotten.
struct ResourceStore<Resource: Sendable>: Sendable {
    private var bySid: [String: Resource] = [:]
    /// Sids in order of creation; a deleted one stays until it is swept.
    private var order: [String] = []
    private var byRecipient: [String: [String]] = [:]
    private let recipient: @Sendable (Resource) -> String
    private let capacity: Int

    init(capacity: Int = 200_000, recipient: @escaping @Sendable (Resource) -> String) {
        precondition(capacity > 0)
        self.capacity = capacity
        self.recipient = recipient
    }

    var count: Int { bySid.count }

    subscript(sid: String) -> Resource? { bySid[sid] }

    mutating func insert(_ resource: Resource, sid: String) {
        bySid[sid] = resource
        order.append(sid)
        byRecipient[recipient(resource), default: []].append(sid)
        if order.count >= 2 * capacity { sweep() }
    }

    /// Changes a resource in place; `nil` when there is none.
    @discardableResult
    mutating func update(_ sid: String, _ change: (inout Resource) -> Void) -> Resource? {
        guard var resource = bySid[sid] else { return nil }
        change(&resource)
        bySid[sid] = resource
        return resource
    }

    @discardableResult
    mutating func remove(_ sid: String) -> Resource? { bySid.removeValue(forKey: sid) }

    /// The newest first; only those of `recipient` when it is given.
    func newestFirst(recipient: String?) -> some Sequence<(sid: String, resource: Resource)> {
        let sids = recipient.map { byRecipient[$0] ?? [] } ?? order
        return sids.reversed().lazy.compactMap { sid in bySid[sid].map { (sid, $0) } }
    }

    /// Forgets all but the newest `capacity`. Done once per `capacity` insertions, so its cost spreads out.
    private mutating func sweep() {
        let kept = order.suffix(capacity)
        for sid in order.dropLast(capacity) { bySid[sid] = nil }
        order = kept.filter { bySid[$0] != nil }
        byRecipient = [:]
        for sid in order {
            if let resource = bySid[sid] { byRecipient[recipient(resource), default: []].append(sid) }
        }
    }
}

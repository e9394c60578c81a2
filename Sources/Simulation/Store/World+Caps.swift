import Delivery
import JobQueue

/// What a cap has counted apart.
struct CapKey: Sendable, Hashable {
    var cap: Int
    var subject: String
}

/// What counts under a cap.
struct CapUseRow: Sendable {
    var at: Time
    var jobID: Int
}

extension World {
    /// The verdict after caps had their word. A real database holds a lock from here to the commit; here, what another
    /// transaction will commit counts already.
    mutating func settled(_ verdict: Verdict) -> Verdict {
        guard let question = verdict.question else { return verdict }
        return question.settle(question.claims.map { room(of: $0) })
    }

    /// `outrider.cap_room`.
    private func room(of claim: CapClaim) -> CapRoom? {
        guard let key = key(of: claim) else { return nil }
        let start = now - .seconds(claim.cap.span)
        // The planted bug looks, and takes what others are about to take.
        let pending = bug == .capCheckedThenTaken ? [] : database.pendingCapUses[key] ?? []
        let uses = (database.capUses[key] ?? []).filter { $0.at > start }
        let isCounted =
            claim.cap.subject.countsJobs && (database.capUses[key] ?? []).contains { $0.jobID == claim.job.id }
        let frees = uses.dropFirst(max(0, uses.count - claim.cap.most)).map {
            ($0.at + .seconds(claim.cap.span)).instant
        }
        return CapRoom(
            key: key.number, isCounted: isCounted, used: uses.count + pending.count, frees: Array(frees), now: instant)
    }

    private func key(of claim: CapClaim) -> CapKey? {
        guard let address = claim.job.address else { return nil }
        let value: String
        switch claim.cap.subject {
        case .address: value = address
        case .prefix: value = String(address.dropLast(3))
        case .country: value = String(address.prefix(3))
        case .tenant: value = ""
        case .identity, .ip: return nil  // Nobody gives them here.
        }
        return CapKey(cap: claim.cap.id, subject: "\(claim.job.tenant)/\(value)")
    }

    /// What a verdict will count, from now on until its transaction is over.
    mutating func capUses(of verdict: Verdict, asked claims: [CapClaim]) -> [(key: CapKey, use: CapUse)] {
        let uses = verdict.capUses.compactMap { use in
            claims.first { $0.cap.id == use.cap.id && $0.job.id == use.jobID }.flatMap { key(of: $0) }.map { ($0, use) }
        }
        for (key, use) in uses { database.pendingCapUses[key, default: []].append(use.jobID) }
        return uses
    }

    /// `count_caps`.
    mutating func count(_ uses: [(key: CapKey, use: CapUse)], of begun: [TakenJob], at time: Time) {
        for (key, use) in uses where begun.contains(where: { $0.id == use.jobID && $0.generation == use.generation }) {
            let isThere = use.cap.subject.countsJobs && (database.capUses[key] ?? []).contains { $0.jobID == use.jobID }
            if !isThere { database.capUses[key, default: []].append(CapUseRow(at: time, jobID: use.jobID)) }
        }
    }

    mutating func forget(_ uses: [(key: CapKey, use: CapUse)]) {
        for (key, use) in uses {
            guard let place = database.pendingCapUses[key]?.firstIndex(of: use.jobID) else { continue }
            database.pendingCapUses[key]?.remove(at: place)
        }
    }
}

extension CapKey {
    /// The same in every process: FNV-1a.
    fileprivate var number: Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(cap)/\(subject)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int(bitPattern: UInt(hash))
    }
}

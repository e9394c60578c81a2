import Delivery
import JobQueue

/// How caps have their word on what a take would send.
extension Admitter {
    /// The judgement with the question to the caps that bind its sends, if there are any.
    ///
    /// - Parameter learn: told of the judgement as it stands after their answer.
    func asking(
        _ judgement: Judgement, then learn: @escaping @Sendable (Judgement) -> Void
    ) -> Judgement {
        let claims = judgement.verdict.sends.flatMap { self.claims(of: $0.job) }
        guard !claims.isEmpty else { return judgement }
        var asking = judgement
        asking.verdict.question = CapQuestion(claims) { rooms in
            let settled = settle(judgement, zip(claims, rooms).map { ($0, $1) })
            learn(settled)
            return settled.verdict
        }
        return asking
    }

    private func claims(of job: TakenJob) -> [CapClaim] {
        rules.caps.filter { $0.binds(job.category, on: job.channel, of: job.tenant) }.map { CapClaim($0, job) }
    }

    /// - Parameter claims: those of each send one after the other, in the order of the sends, each with its room.
    func settle(_ judgement: Judgement, _ claims: [(claim: CapClaim, room: CapRoom?)]) -> Judgement {
        var settled = judgement
        settled.verdict.sends = []
        var round = CapRound()
        var rest = claims[...]
        for send in judgement.verdict.sends {
            let own = rest.prefix { $0.claim.job.due == send.job.due }
            rest = rest.dropFirst(own.count)
            let counted = own.compactMap { claim, room in room.map { (claim: claim, room: $0) } }
            let (ruling, over) = round.rule(on: counted.map { ($0.claim.cap, $0.room) }, seed: send.job.id)
            let isLet = if case .allowed = ruling { true } else { false }
            settled.verdict.capHits += over.filter { isLet || $0.isEnforced }.map {
                CapHit($0, job: send.job.id, wasEnforced: $0.isEnforced)
            }
            if isLet {
                settled.verdict.sends.append(send)
                settled.verdict.capUses += counted.compactMap { CapUse($0.claim, $0.room) }
            } else {
                settled.verdict.records.append(record(of: ruling, on: send.job))
                settled.dead += 1
            }
        }
        return settled
    }

    private func record(of ruling: CapRuling, on job: TakenJob) -> Record {
        switch ruling {
        case .over(let cap):
            return conclude(job, learning: .answered(.skipped(.capped, detail: cap.words)))
        case .wait(let cap, let until):
            let latest = job.expiresAt.map { $0 < until.advanced(by: job.channel.leastTime) } ?? false
            return latest
                ? expired(job, "it expires before there is room: \(cap.words)")
                : deferral(of: job, until: until, .cap, detail: cap.words)
        case .allowed: return Record(events: [])
        }
    }
}

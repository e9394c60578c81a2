import Delivery

/// Promise 7: in no span do more messages of a cap begin to one address than it allows, over all workers. A message counts once,
/// however often it is tried.
struct CapsHold: Checker {
    let name = "caps-hold"
    let cap: Cap?
    private var jobs: [Int: JobRow] = [:]
    private var begun: [String: [(job: Int, at: Instant)]] = [:]

    init(_ cap: Cap?) { self.cap = cap }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): jobs[job.id] = job
        case .intent(let event, let beginning): return begin(event, to: beginning.address)
        default: break
        }
        return nil
    }

    private mutating func begin(_ intent: RecordedEvent, to address: String?) -> String? {
        guard let cap, let address, let channel = intent.channel, let job = jobs[intent.jobID],
            cap.binds(job.category, on: channel, of: job.tenant)
        else { return nil }
        let key = "\(job.tenant)/\(address)"
        guard !(begun[key] ?? []).contains(where: { $0.job == job.id }) else { return nil }
        begun[key, default: []].append((job.id, intent.at))
        // An intent has the instant of its take, and is counted some seconds later at most.
        let start = intent.at.advanced(by: .seconds(-cap.span + 6))
        let count = (begun[key] ?? []).count { $0.at > start }
        return count > cap.most ? "\(intent.line): message \(count) of a cap of \(cap.most)" : nil
    }
}

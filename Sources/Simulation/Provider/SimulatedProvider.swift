import Delivery
import Providers
import Worker

/// The providers as one worker process reaches them.
struct SimulatedProvider: MessageProvider {
    let run: SimulatedRun
    let process: Int

    func send(_ message: OutboundMessage, notAfter: ContinuousClock.Instant) async throws(ContentError) -> SendReading {
        let wire = Wire(message, process: process)
        let connect = run.change { Time($0.random.pick(100..<40_000)) }
        try? await run.sleep(process, until: run.now + connect)
        // Here the transport asks for the body, so here it looks at the fence: on the worker's own time.
        let isLate = run.instant >= notAfter
        let began = run.change { world -> RequestFate? in
            guard world.processes[process].isAlive, !isLate || world.bug == .fenceMissing else { return nil }
            let fate = world.fate(of: wire)
            if case .unreachable = fate { return fate }
            world.note(.bodyLeft(wire))
            return fate
        }
        guard let began else { return .notSent(reason: "fence_passed", retryAfter: nil, isRateLimited: false) }
        return await withCheckedContinuation { caller in
            run.change { world in
                guard world.processes[process].isAlive else { return caller.resume(returning: Self.gone) }
                let waiter = world.waiters.add(of: process) { caller.resume(returning: Self.gone) }
                world.carry(wire, began) { world, answer in
                    if world.waiters.finish(waiter) { caller.resume(returning: answer) }
                }
            }
        }
    }

    private static let gone = SendReading.unknown(reason: "stopped")

    func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        await ask(orElse: .unavailable(reason: "stopped")) { world in
            guard channel.provider == .twilio else { return .unavailable(reason: "no_status") }
            guard let index = world.provider.index(of: providerID) else { return .notFound }
            return .facts([world.provider.messages[index].status.receipt(providerID, on: channel)])
        }
    }

    func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        let wire = Wire(message, process: process)
        return await ask(orElse: .unavailable(reason: "stopped")) { world in
            world.find(wire, begunAt: Time(begunAt), notBefore: notBefore.map { Time($0) }, excluding: known)
        }
    }

    func end(_ providerID: String, on channel: Channel) async -> EndAnswer {
        await ask(orElse: .unavailable(reason: "stopped", retryAfter: nil)) { world in
            guard let index = world.provider.index(of: providerID),
                world.become(.failed(word: "canceled", code: "canceled"), index)
            else { return .tooLate("it is over") }
            return .ended
        }
    }

    func stopSending() {}

    /// One question that may be asked again, answered after a while or not at all.
    private func ask<Value: Sendable>(
        orElse fallback: Value, _ answer: @escaping @Sendable (inout World) -> Value
    ) async -> Value {
        await withCheckedContinuation { caller in
            run.change { world in
                guard world.processes[process].isAlive else { return caller.resume(returning: fallback) }
                let waiter = world.waiters.add(of: process) { caller.resume(returning: fallback) }
                let fails = world.plan.listingsFail && !world.isQuiet && world.random.chance(world.plan.rate * 2)
                let delay = Time(world.random.pick(1000..<200_000))
                world.after(delay) { world in
                    let value = fails ? fallback : answer(&world)
                    let reply = Time(world.random.pick(1000..<100_000))
                    world.after(reply) { world in
                        if world.waiters.finish(waiter) { caller.resume(returning: value) }
                    }
                }
            }
        }
    }
}

extension Wire {
    init(_ message: OutboundMessage, process: Int) {
        var text = ""
        var isFreeForm = true
        switch message.content {
        case .text(let words, _), .spoken(let words), .email(_, let words, _): text = words
        case .contentTemplate(let sid, _): (text, isFreeForm) = (sid, false)
        case .dynamicTemplate(let id, _, _): (text, isFreeForm) = (id, false)
        }
        self.init(
            jobID: message.jobID, generation: message.generation, channel: message.channel, to: message.to,
            from: message.sender.address, text: text, isFreeForm: isFreeForm, token: message.token, process: process)
    }
}

extension World {
    /// Carries a request to the provider and the answer back.
    mutating func carry(
        _ wire: Wire, _ fate: RequestFate, then done: @escaping @Sendable (inout World, SendReading) -> Void
    ) {
        if case .unreachable = fate {
            return after(.milliseconds(random.pick(1..<3000))) {
                done(&$0, .notSent(reason: "connect", retryAfter: nil, isRateLimited: false))
            }
        }
        let isSlow = plan.repliesSlow && !isQuiet && random.chance(plan.rate)
        let reply = isSlow ? Time.milliseconds(random.pick([1000, 8000, 25_000])) : Time(random.pick(5000..<300_000))
        after(Time(random.pick(1000..<60_000))) { world in
            let id = fate.isAccepted ? world.accept(wire) : nil
            if !fate.isAccepted, case .refuse(let code, _) = fate { world.note(.refused(wire, code: code)) }
            if world.bug == .transportRepeats, case .reset = fate, world.random.chance(50) {
                // The planted bug: the same bytes again on a new connection, and the caller hears of the second only.
                let again = world.accept(wire)
                return world.after(reply) { done(&$0, .accepted(providerID: again, providerStatus: "queued")) }
            }
            world.after(fate.isHang ? .seconds(15) : reply) { done(&$0, $0.answer(fate, id)) }
        }
    }

    /// What the real module makes of the reply.
    private func answer(_ fate: RequestFate, _ id: String?) -> SendReading {
        switch fate {
        case .accept:
            return .accepted(providerID: id ?? "", providerStatus: "queued")
        case .refuse(let code, let status):
            return .refused(code: code, class: nil, defaultClass: .content, httpStatus: status, retryAfter: nil)
        case .tooMany(let seconds):
            return .notSent(reason: "20429", retryAfter: seconds.map { .seconds($0) }, isRateLimited: true)
        case .broken:
            if bug == .blindRetry { return .notSent(reason: "http_503", retryAfter: nil, isRateLimited: false) }
            return .unknown(reason: "http_503")
        case .garbage: return .unknown(reason: "unreadable_success")
        case .reset, .hang:
            if bug == .unknownRequeued { return .notSent(reason: "timed_out", retryAfter: nil, isRateLimited: false) }
            return .unknown(reason: fate.isHang ? "timed_out" : "reset")
        case .unreachable:
            return .notSent(reason: "connect", retryAfter: nil, isRateLimited: false)
        }
    }
}

extension RequestFate {
    fileprivate var isHang: Bool {
        if case .hang = self { true } else { false }
    }
}

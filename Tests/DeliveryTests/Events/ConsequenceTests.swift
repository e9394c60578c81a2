import Testing

@testable import Delivery

@Suite("What an event means beyond its job")
struct ConsequenceTests {
    enum Door: CaseIterable {
        case answer, webhook, poll, listing
    }

    /// The event that keeps a failure, by the door it came through.
    private func event(_ failure: FailureClass, _ door: Door) -> JobEvent {
        switch door {
        case .answer: .answered(.refused(code: "1", failure, reason: "HTTP 400"))
        case .webhook: .receipt(.init(status: "failed 1", .failed(failure), code: "1", providerID: "SM1"))
        case .poll, .listing: .receipt(.init(status: "failed 1", .failed(failure), code: "1", reason: "asked"))
        }
    }

    private func expected(_ failure: FailureClass, _ channel: Channel) -> [Consequence] {
        switch (failure, channel) {
        case (.optedOut, .email): [.suppress([.email], reason: "provider 1")]
        case (.optedOut, _): [.suppress([.sms, .voice, .whatsapp], reason: "provider 1")]
        case (.channelOptedOut, _): [.suppress([channel], reason: "provider 1")]
        case (.credentials, _): [.refusal(reason: "the provider said 1 of job 7", limit: 1)]
        case (.configuration, _): [.refusal(reason: "the provider said 1 of job 7", limit: 3)]
        case (.unregistered, _): [.refusal(reason: "the provider said 1 of job 7", limit: 10)]
        case (.unreachable, _), (.noAnswer, _): [.gotThrough]
        default: []
        }
    }

    @Test("is the same by whatever door it came", arguments: FailureClass.allCases, Channel.allCases)
    func doors(_ failure: FailureClass, _ channel: Channel) {
        for door in Door.allCases {
            #expect(
                Consequence.of(event(failure, door), on: channel, job: 7) == expected(failure, channel), "\(door)")
        }
    }

    @Test("is nothing for everything but a failure, and word that something got through", arguments: JobEvent.samples)
    func others(_ event: JobEvent) {
        switch event.fact {
        case .refused, .failed: break
        case .reached(let level) where level > .sent:
            #expect(Consequence.of(event, on: .sms, job: 7) == [.gotThrough])
        default: #expect(Consequence.of(event, on: .sms, job: 7) == [])
        }
    }

    @Test("that a message is on its way is no word for its sender: a carrier's refusal comes after it")
    func onItsWay() {
        for (level, consequences) in [
            (SuccessLevel.sent, []), (.voicemail, [Consequence.gotThrough]), (.delivered, [.gotThrough]),
        ] {
            let event = JobEvent.receipt(.init(status: level.rawValue, .reached(level)))
            #expect(Consequence.of(event, on: .sms, job: 7) == consequences)
        }
    }

    @Test(
        "a sender that was refused is tried with one send a second for a minute after its pause, or until one gets through",
        arguments: [
            (pausedFor: nil, isRefused: false, own: 10, rate: 10), (nil, true, 10, 10), (-59, true, 10, 1),
            (-59, true, nil, 1), (-59, true, 0.2, 0.2), (-60, true, 10, 10), (-59, false, 10, 10), (30, true, nil, 1),
        ] as [(pausedFor: Int?, isRefused: Bool, own: Double?, rate: Double?)])
    func trial(_ sender: (pausedFor: Int?, isRefused: Bool, own: Double?, rate: Double?)) {
        let now = Instant(microseconds: 1_000_000_000)
        let until = sender.pausedFor.map { now.advanced(by: .seconds($0)) }
        #expect(
            Consequence.rate(sender.own, pausedUntil: until, isRefused: sender.isRefused, now: now) == sender.rate)
    }

    @Test("names the provider's word where it gave no code")
    func word() {
        let event = JobEvent.receipt(.init(status: "unsubscribed", .failed(.optedOut)))
        #expect(
            Consequence.of(event, on: .email, job: 7) == [.suppress([.email], reason: "provider unsubscribed")])
    }
}

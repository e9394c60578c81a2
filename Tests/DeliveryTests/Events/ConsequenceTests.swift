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
        case (.optedOut, .email), (.channelOptedOut, .email):
            [.suppress([.email], .everythingButPasswords, reason: "provider 1")]
        case (.optedOut, _): [.suppress([.sms, .voice, .whatsapp], .everything, reason: "provider 1")]
        case (.channelOptedOut, _): [.suppress([channel], .everything, reason: "provider 1")]
        case (.blocked, .email): [.suppress([.email], .everything, reason: "provider 1")]
        case (.blocked, _):
            [
                .suppress([channel], .everything, reason: "provider 1"),
                .suppress(Channel.phoneChannels.subtracting([channel]), .marketing, reason: "provider 1"),
            ]
        case (.credentials, _): [.refusal(reason: "the provider said 1 of job 7", limit: 1)]
        case (.configuration, _): [.refusal(reason: "the provider said 1 of job 7", limit: 3)]
        case (.unregistered, _): [.refusal(reason: "the provider said 1 of job 7", limit: 10)]
        case (.unreachable, _), (.noAnswer, _): [.gotThrough]
        case (.invalidAddress, .email), (.landline, .email): []
        case (.invalidAddress, .whatsapp): [.dead([.whatsapp], .invalidAddress, code: "1")]
        case (.invalidAddress, _): [.dead(Channel.phoneChannels, .invalidAddress, code: "1")]
        case (.landline, _): [.dead([.sms, .whatsapp], .landline, code: "1")]
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
            #expect(Consequence.of(event, on: .sms, job: 7) == [.gotThrough, .alive(.sms)])
            #expect(Consequence.of(event, on: .email, job: 7) == [.gotThrough])
        default: #expect(Consequence.of(event, on: .sms, job: 7) == [])
        }
    }

    @Test("that a message is on its way is no word for its sender: a carrier's refusal comes after it")
    func onItsWay() {
        for (level, consequences) in [
            (SuccessLevel.sent, []), (.voicemail, [Consequence.gotThrough, .alive(.sms)]),
            (.delivered, [.gotThrough, .alive(.sms)]),
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
            Consequence.of(event, on: .email, job: 7) == [
                .suppress([.email], .everythingButPasswords, reason: "provider unsubscribed")
            ])
    }

    struct Word: Sendable, CustomTestStringConvertible {
        var code: String
        var failure: FailureClass
        var channel: Channel
        var closed: [Channel: Set<Delivery.Category>]
        var testDescription: String { code }
    }

    private static let all = Set(Delivery.Category.allCases)

    @Test(
        "each code closes what the person or the provider meant by it, and no more",
        arguments: [
            Word(code: "21610", failure: .optedOut, channel: .sms, closed: [.sms: all, .voice: all, .whatsapp: all]),
            Word(code: "30630", failure: .optedOut, channel: .sms, closed: [.sms: all, .voice: all, .whatsapp: all]),
            Word(code: "63014", failure: .channelOptedOut, channel: .whatsapp, closed: [.whatsapp: all]),
            Word(code: "63033", failure: .channelOptedOut, channel: .whatsapp, closed: [.whatsapp: [.marketing]]),
            Word(
                code: "30004", failure: .blocked, channel: .sms,
                closed: [.sms: all, .voice: [.marketing], .whatsapp: [.marketing]]),
            Word(code: "group_unsubscribe", failure: .optedOut, channel: .email, closed: [.email: [.marketing]]),
            Word(
                code: "unsubscribe", failure: .optedOut, channel: .email,
                closed: [.email: all.subtracting([.otp])]),
            Word(
                code: "dropped:spam_reporting_address", failure: .optedOut, channel: .email,
                closed: [.email: all.subtracting([.otp])]),
            Word(code: "30003", failure: .unreachable, channel: .sms, closed: [:]),
        ])
    func codes(_ word: Word) {
        let event = JobEvent.receipt(
            .init(status: "failed \(word.code)", .failed(word.failure), code: word.code))
        var closed: [Channel: Set<Delivery.Category>] = [:]
        for case .suppress(let channels, let reach, let reason) in Consequence.of(event, on: word.channel, job: 7) {
            #expect(reason == "provider \(word.code)")
            for channel in channels {
                closed[channel, default: []].formUnion(Delivery.Category.allCases.filter(reach.stops))
            }
        }
        #expect(closed == word.closed)
    }
}

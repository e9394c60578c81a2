import Delivery
import Testing

@Suite("Admission")
struct AdmissionTests {
    /// Everything a claim can see: 4 channels and 7 yes-or-no facts.
    static let everything: [Admission.Facts] = Channel.allCases.flatMap { channel in
        (0..<128).map { bits in
            func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
            return Admission.Facts(
                channel: channel, hasAddress: bit(0), hasSender: bit(1), isSuppressed: bit(2), isWindowOpen: bit(3),
                hasText: bit(4), hasTemplate: bit(5), isExpired: bit(6))
        }
    }

    /// The answer when nothing stands against it: what the channel prefers of what there is.
    private func content(_ facts: Admission.Facts) -> Admission {
        switch (facts.channel, text: facts.hasText, template: facts.hasTemplate, window: facts.isWindowOpen) {
        case (.whatsapp, _, template: true, window: false): .sendTemplate
        case (.whatsapp, _, template: false, window: false): .skip(.windowClosed)
        case (.email, _, template: true, _): .sendTemplate
        case (.sms, text: true, _, _), (.voice, text: true, _, _), (.whatsapp, text: true, _, window: true): .sendText
        case (.email, text: true, template: false, _): .sendText
        case (_, text: false, template: true, _): .sendTemplate
        case (_, text: false, template: false, _): .skip(.noContent)
        }
    }

    private func expected(_ facts: Admission.Facts) -> Admission {
        if facts.isSuppressed { return .skip(.optedOut) }
        if facts.isExpired { return .expire }
        if !facts.hasAddress { return .skip(.noAddress) }
        if !facts.hasSender { return .skip(.noSender) }
        return content(facts)
    }

    @Test("every combination of what a claim can see is admitted or passed over as documented")
    func table() {
        #expect(Set(Self.everything).count == 512)
        for facts in Self.everything {
            #expect(Admission(facts) == expected(facts), "\(facts)")
        }
    }

    @Test("an opt-out always wins: nothing is sent, and no other reason hides it")
    func consent() {
        for facts in Self.everything where facts.isSuppressed {
            #expect(Admission(facts) == .skip(.optedOut))
        }
    }

    @Test("no free text goes to WhatsApp outside the window")
    func window() {
        for facts in Self.everything where facts.channel == .whatsapp && !facts.isWindowOpen {
            #expect(Admission(facts) != .sendText)
        }
    }

    @Test("the window is WhatsApp's own: it changes nothing elsewhere")
    func windowElsewhere() {
        for facts in Self.everything where facts.channel != .whatsapp {
            var other = facts
            other.isWindowOpen.toggle()
            #expect(Admission(other) == Admission(facts))
        }
    }

    @Test("what is sent has an address, a sender, time left and something to say")
    func sendable() {
        for facts in Self.everything {
            let admission = Admission(facts)
            guard admission == .sendText || admission == .sendTemplate else { continue }
            #expect(facts.hasAddress && facts.hasSender && !facts.isExpired && !facts.isSuppressed)
            #expect(admission == .sendText ? facts.hasText : facts.hasTemplate)
        }
    }
}

import Delivery
import Testing

@Suite("Ladders")
struct LadderTests {
    static let ladder = Ladder(steps: [
        .single(.sms), .single(.voice), .single(.whatsapp), .single(.sms), .single(.email),
    ])

    @Test(
        "the next rung is the first one above whose channel is open",
        arguments: [
            (0, [], 1),
            (0, [.voice], 2),
            (0, [.voice, .whatsapp], 3),
            (0, [.sms, .voice, .whatsapp], 4),
            (0, [.sms, .voice, .whatsapp, .email], nil),
            (2, [.email], 3),
            (3, [], 4),
            (3, [.email], nil),
            (4, [], nil),
            (5, [], nil),
            (.max, [], nil),
        ] as [(Int, Set<Channel>, Int?)])
    func next(_ row: (after: Int, closed: Set<Channel>, expected: Int?)) {
        #expect(Self.ladder.next(after: row.after, avoiding: row.closed) == row.expected)
    }

    @Test("a ladder without steps is a programmer's error")
    func empty() async {
        await #expect(processExitsWith: .failure) { _ = Ladder(steps: []) }
    }

    @Test(
        "a step of its own waits as people expect of the channel",
        arguments: [
            (.sms, 3600, .delivered), (.whatsapp, 3600, .delivered), (.voice, 300, .answered),
            (.email, 36_000, .delivered),
        ] as [(Channel, Int, SuccessLevel)])
    func single(_ row: (channel: Channel, seconds: Int, success: SuccessLevel)) {
        let step = LadderStep.single(row.channel)
        #expect(step.channel == row.channel)
        #expect(step.wait == .seconds(row.seconds))
        #expect(step.success == row.success)
        #expect(step.maxAttempts == 5)
        #expect(step.onUnknown == nil)
        #expect(LadderStep.single(row.channel, wait: .seconds(7)).wait == .seconds(7))
    }

    @Test("levels rise from the provider's word to a person's act, and voicemail is no delivery")
    func levels() {
        let order: [SuccessLevel] = [.accepted, .sent, .voicemail, .delivered, .answered, .read]
        #expect(Set(order) == Set(SuccessLevel.allCases))
        for (index, one) in order.enumerated() {
            for (otherIndex, other) in order.enumerated() {
                #expect((one < other) == (index < otherIndex))
            }
        }
    }

    @Test("one number serves the phone channels, and no other")
    func phoneChannels() {
        #expect(Channel.allCases.filter(\.isPhone) == [.sms, .voice, .whatsapp])
        #expect(Channel.phoneChannels == [.sms, .voice, .whatsapp])
    }

    @Test("only what is worth a second copy is resent by default")
    func defaultPolicies() {
        #expect(Category.otp.defaultUnknownPolicy == .resend)
        #expect(Category.alert.defaultUnknownPolicy == .resend)
        #expect(Category.transactional.defaultUnknownPolicy == .hold)
        #expect(Category.marketing.defaultUnknownPolicy == .next)
    }

    @Test("the stored names never change, for rows outlive releases")
    func rawValues() {
        #expect(Channel.allCases.map(\.rawValue) == ["sms", "voice", "whatsapp", "email"])
        #expect(Category.allCases.map(\.rawValue) == ["otp", "alert", "transactional", "marketing"])
        #expect(UnknownPolicy.allCases.map(\.rawValue) == ["resend", "hold", "next", "end"])
        #expect(
            SuccessLevel.allCases.map(\.rawValue) == ["accepted", "sent", "voicemail", "delivered", "answered", "read"])
        #expect(
            SkipReason.allCases.map(\.rawValue) == [
                "no_address", "opted_out", "window_closed", "no_consent", "prefix_blocked", "invalid_number",
                "country_not_allowed", "capped", "route_closed", "dead_number", "no_text_line",
                "risky_number", "seal_broken", "no_sender", "no_content",
            ])
        #expect(DueReason.allCases.map(\.rawValue) == ["dispatch", "resume", "decide", "receipt", "reconcile"])
        #expect(
            Outcome.allCases.map(\.rawValue) == [
                "delivered", "unconfirmed", "exhausted", "opted_out", "expired", "canceled", "unknown",
            ])
    }
}

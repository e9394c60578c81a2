import Delivery
import Testing

@Suite("Channels a failure closes")
struct ClosedChannelTests {
    /// Every channel once, so that what is left open can be read off the next step.
    static func ladder(from channel: Channel) -> Ladder {
        Ladder(steps: [.single(channel)] + Channel.allCases.filter { $0 != channel }.map { .single($0) })
    }

    static func closed(
        _ phase: AttemptPhase, on channel: Channel, to category: Delivery.Category = .otp
    ) -> Set<Channel> {
        JobFacts(
            ladder: ladder(from: channel), category: category, attempts: [Situation.attempt(1, step: 0, phase)]
        ).closedChannels
    }

    @Test(
        "each failure closes what it rules out, and no more",
        arguments: [
            (.failed(.optedOut), .sms, [.sms, .voice, .whatsapp]),
            (.failed(.optedOut), .whatsapp, [.sms, .voice, .whatsapp]),
            (.failed(.optedOut), .voice, [.sms, .voice, .whatsapp]),
            (.failed(.optedOut), .email, [.email]),
            // Each channel has its own suppressions, and the next step looks at its own.
            (.skipped(.optedOut), .sms, [.sms]),
            (.skipped(.optedOut), .whatsapp, [.whatsapp]),
            (.skipped(.optedOut), .email, [.email]),
            (.failed(.invalidAddress), .sms, [.sms, .voice, .whatsapp]),
            (.failed(.invalidAddress), .voice, [.sms, .voice, .whatsapp]),
            // Not a user of WhatsApp: the number may be good.
            (.failed(.invalidAddress), .whatsapp, [.whatsapp]),
            (.failed(.invalidAddress), .email, [.email]),
            (.failed(.landline), .sms, [.sms, .whatsapp]),
            (.failed(.landline), .whatsapp, [.sms, .whatsapp]),
            (.failed(.fraudBlock), .sms, [.sms, .voice, .whatsapp]),
            (.failed(.fraudBlock), .voice, [.sms, .voice, .whatsapp]),
            (.failed(.fraudBlock), .whatsapp, [.sms, .voice, .whatsapp]),
            // Another provider's guard says nothing of the phone.
            (.failed(.fraudBlock), .email, [.email]),
            // A block of texts, and a no by the channel's own list.
            (.failed(.blocked), .sms, [.sms]),
            (.failed(.channelOptedOut), .whatsapp, [.whatsapp]),
            (.skipped(.noAddress), .voice, [.voice]),
            (.skipped(.noSender), .whatsapp, []),
            // The number is the same on each of them.
            (.skipped(.prefixBlocked), .sms, Channel.phoneChannels),
            (.skipped(.countryNotAllowed), .voice, Channel.phoneChannels),
            (.skipped(.invalidNumber), .sms, Channel.phoneChannels),
            // Another channel may bring it there.
            (.skipped(.routeClosed), .whatsapp, [.whatsapp]), (.skipped(.deadNumber), .sms, [.sms]),
            (.skipped(.noTextLine), .sms, [.sms]), (.skipped(.riskyNumber), .sms, Channel.phoneChannels),
        ] as [(AttemptPhase, Channel, Set<Channel>)])
    func closes(_ row: (phase: AttemptPhase, channel: Channel, expected: Set<Channel>)) {
        #expect(Self.closed(row.phase, on: row.channel) == row.expected)
    }

    @Test("marketing takes a block of texts for a no on every phone channel", arguments: Delivery.Category.allCases)
    func blocked(_ category: Delivery.Category) {
        let expected = category == .marketing ? Channel.phoneChannels : [.sms]
        #expect(Self.closed(.failed(.blocked), on: .sms, to: category) == expected)
    }

    @Test("everything else closes nothing")
    func closesNothing() {
        let closing: Set<AttemptPhase> = [
            .failed(.optedOut), .skipped(.optedOut), .failed(.invalidAddress), .failed(.landline), .failed(.fraudBlock),
            .skipped(.noAddress), .skipped(.noSender), .failed(.blocked), .failed(.channelOptedOut),
            .skipped(.prefixBlocked), .skipped(.invalidNumber), .skipped(.countryNotAllowed), .skipped(.routeClosed),
            .skipped(.deadNumber), .skipped(.noTextLine), .skipped(.riskyNumber),
        ]
        for phase in PhaseOracle.phases where !closing.contains(phase) {
            for channel in Channel.allCases {
                #expect(Self.closed(phase, on: channel).isEmpty, "\(phase) on \(channel)")
            }
        }
    }

    @Test("an opted-out number is never called or written to on WhatsApp, but its owner may get a mail")
    func optedOut() {
        for channel in Channel.phoneChannels {
            var situation = Situation(ladder: Self.ladder(from: channel))
            situation.attempts = [Situation.attempt(1, step: 0, .failed(.optedOut))]
            #expect(Verdict(situation.action()) == .escalate(3))
            #expect(situation.ladder.steps[3].channel == .email)
        }
    }

    @Test("a step that was skipped for an opt-out closes no channel but its own: the next step asks for itself")
    func skipped() {
        for channel in Channel.phoneChannels {
            var situation = Situation(ladder: Self.ladder(from: channel))
            situation.attempts = [Situation.attempt(1, step: 0, .skipped(.optedOut))]
            #expect(Verdict(situation.action()) == .escalate(1))
        }
    }

    @Test("a landline is called, and not sent another text")
    func landline() {
        var situation = Situation(ladder: Ladder(steps: [.single(.sms), .single(.whatsapp), .single(.voice)]))
        situation.attempts = [Situation.attempt(1, step: 0, .failed(.landline))]
        #expect(Verdict(situation.action()) == .escalate(2))
    }

    @Test("a mail address that is dead leaves the phone")
    func deadMail() {
        var situation = Situation(ladder: Ladder(steps: [.single(.email), .single(.email), .single(.sms)]))
        situation.attempts = [Situation.attempt(1, step: 0, .failed(.invalidAddress))]
        #expect(Verdict(situation.action()) == .escalate(2))
    }

    @Test("late news of an earlier step counts: a channel closed meanwhile is neither retried nor resent")
    func lateNews() {
        let retried: [AttemptPhase] = [
            .notSent, .failed(.transient), .failed(.rateLimited), .failed(.configuration), .unanswered,
        ]
        for news in [.optedOut, .fraudBlock, .invalidAddress] as [FailureClass] {
            for phase in retried {
                var situation = Situation()
                situation.attempts = [
                    Situation.attempt(1, step: 0, .failed(news), isContinued: true),
                    Situation.attempt(2, step: 1, phase),
                ]
                situation.attempts[1].listings = 2
                #expect(Verdict(situation.action(.reconcile)) == .escalate(2), "\(news), then \(phase)")
            }
        }
    }

    @Test("a person's release does not open a closed channel")
    func release() {
        var situation = Situation()
        situation.attempts = [
            Situation.attempt(1, step: 0, .failed(.optedOut), isContinued: true),
            Situation.attempt(2, step: 1, .unanswered),
        ]
        situation.attempts[1].learn(.ruled(sent: false), at: Situation.time(30))
        #expect(Verdict(situation.action()) == .escalate(2))
    }
}

import Delivery
import Testing

@Suite("Admission")
struct AdmissionTests {
    /// A ladder of texts and calls, and what has happened to a job of it.
    static func job(_ attempts: Attempt...) -> JobFacts {
        let steps = [LadderStep.single(.sms), .single(.voice)]
        return JobFacts(ladder: Ladder(steps: steps), category: .alert, attempts: attempts)
    }

    static func attempt(_ generation: Int, step: Int, _ events: JobEvent...) -> Attempt {
        var attempt = Attempt(generation: generation, step: step, begunAt: Instant(microseconds: 0))
        for event in events { attempt.learn(event, at: Instant(microseconds: 1)) }
        return attempt
    }

    private static let opening = Instant(microseconds: 77)

    /// Everything a take can see of a job that has not begun: 4 channels and 8 yes-or-no facts.
    static let everything: [Admission.Facts] = Channel.allCases.flatMap { channel in
        (0..<256).map { bits in
            func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
            return Admission.Facts(
                channel: channel, hasAddress: bit(0), hasSender: bit(1), isSuppressed: bit(2), isWindowOpen: bit(3),
                hasText: bit(4), hasTemplate: bit(5), isExpired: bit(6), windowOpens: bit(7) ? opening : nil, job: job()
            )
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
        switch content(facts) {
        case .sendText, .sendTemplate:
            return facts.windowOpens.map { .defer(until: $0, .campaignWindow) } ?? content(facts)
        case let other: return other
        }
    }

    @Test("every combination of what a take can see is admitted or passed over as documented")
    func table() {
        #expect(Set(Self.everything).count == 1_024)
        for facts in Self.everything {
            #expect(Admission(facts) == expected(facts), "\(facts)")
        }
    }

    private static let blocked = ContactRuling.prefixBlocked(prefix: 882, reason: "test")
    private static let foreign = ContactRuling.countryNotAllowed("PL")
    private static let closed = ContactRuling.routeClosed(to: "1", reason: "test")

    @Test("a number that is blocked, or of a country that is not allowed, is passed over whatever could be said to it")
    func numbers() {
        for (ruling, reason) in [
            (Self.blocked, SkipReason.prefixBlocked), (Self.foreign, .countryNotAllowed), (Self.closed, .routeClosed),
            (.invalidNumber(.init(prefix: 480, lengths: [])), .invalidNumber),
        ] {
            for facts in Self.everything where !facts.isSuppressed && !facts.isExpired && facts.hasAddress {
                var facts = facts
                facts.ruling = ruling
                #expect(Admission(facts) == .skip(reason), "\(facts)")
            }
        }
    }

    @Test(
        "in quiet hours what would be sent waits for their end or its campaign's window, and what would not is settled at once"
    )
    func quietHours() {
        let (opens, until) = (Instant(microseconds: 50), Instant(microseconds: 60))
        for facts in Self.everything {
            var quiet = facts
            quiet.ruling = .quiet(rule: "night", opens: opens, until: until)
            guard case .skip = content(facts) else {
                let isSettled = facts.isSuppressed || facts.isExpired || !facts.hasAddress || !facts.hasSender
                let later: Admission =
                    facts.windowOpens.map { .defer(until: $0, .campaignWindow) } ?? .defer(until: until, .quietHours)
                #expect(Admission(quiet) == (isSettled ? expected(facts) : later), "\(facts)")
                continue
            }
            #expect(Admission(quiet) == expected(facts))
        }
    }

    @Test("what expires before quiet hours end expires now, and waits for nothing")
    func quietUntilExpired() {
        let opens = Instant(microseconds: 100_000_000)
        for facts in Self.everything where expected(facts) == .sendText {
            var facts = facts
            facts.ruling = .quiet(rule: "night", opens: opens, until: opens.advanced(by: .seconds(9)))
            facts.job.expiresAt = opens.advanced(by: facts.channel.leastTime)
            #expect(Admission(facts) == .defer(until: opens.advanced(by: .seconds(9)), .quietHours))
            facts.job.expiresAt = opens.advanced(by: facts.channel.leastTime - .microseconds(1))
            #expect(Admission(facts) == .expireWaiting(.quietHours))
        }
    }

    @Test("a landline gets no text whatever it says; a number that nobody had is tried for what is urgent alone")
    func deadNumbers() {
        let until = Instant(microseconds: 86_400_000_000)
        for failure in [FailureClass.landline, .invalidAddress] {
            for category in Delivery.Category.allCases {
                for facts in Self.everything where !facts.isSuppressed && !facts.isExpired && facts.hasAddress {
                    var facts = facts
                    (facts.job.category, facts.hasConsent) = (category, true)
                    facts.dead = DeadAddress(failure, code: "30006", until: until)
                    let isTried = failure == .invalidAddress && [.otp, .alert].contains(category)
                    #expect(Admission(facts) == (isTried ? expected(facts) : .skip(.deadNumber)))
                    #expect(facts.words(on: .deadNumber)?.contains("30006") == true)
                    #expect(facts.words(on: .deadNumber)?.hasSuffix("on 1970-01-02") == true)
                }
            }
        }
    }

    @Test(
        "what is sealed and cannot be read is never sent: it waits for its key, or is passed over where it does not open"
    )
    func sealed() {
        let now = Instant(microseconds: 1_000_000_000)
        let closed = SealedContent("v1.k1.AAAA", address: "+15005550010", phone: nil, email: nil)
        for facts in Self.everything {
            let isSettled = facts.isSuppressed || facts.isExpired || !facts.hasAddress || !facts.hasSender
            func admission(_ seal: ContentSeal, _ deferrals: Int = 0, expiresAt: Instant? = nil) -> Admission {
                var sealed = facts
                sealed.reading = .init(seal, deferrals: deferrals, now: now)
                sealed.job.expiresAt = expiresAt
                return Admission(sealed)
            }
            for seal in [ContentSeal.none, .opened(likeness: "x")] { #expect(admission(seal) == expected(facts)) }
            #expect(admission(.broken) == (isSettled ? expected(facts) : .skip(.sealBroken)))
            for seal in [ContentSeal.keyMissing("k1"), .closed(closed)] {
                for (deferrals, seconds) in [(0, 5), (1, 10), (5, 160), (6, 300), (1_000_000, 300)] {
                    let later = Admission.defer(until: now.advanced(by: .seconds(seconds)), .sealKeyMissing)
                    #expect(admission(seal, deferrals) == (isSettled ? expected(facts) : later))
                }
                // Whoever waits for its end hears of it in time.
                let end = now.advanced(by: .seconds(2))
                #expect(
                    admission(seal, expiresAt: end)
                        == (isSettled ? expected(facts) : .defer(until: end, .sealKeyMissing)))
            }
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

    @Test(
        "marketing calls nobody and writes to nobody on WhatsApp without a consent on record, and no other rule lets it",
        arguments: Channel.allCases)
    func consentToCalls(_ channel: Channel) {
        for category in Delivery.Category.allCases {
            for facts in Self.everything where facts.channel == channel && !facts.isSuppressed && !facts.isExpired {
                var facts = facts
                facts.job.category = category
                let isPassedOver = Admission(facts) == .skip(.noConsent)
                #expect(isPassedOver == ([.voice, .whatsapp].contains(channel) && category == .marketing))
                facts.hasConsent = true
                #expect(Admission(facts) == expected(facts))
            }
        }
    }

    @Test("once WhatsApp has said that its window is closed, only an approved template goes")
    func windowKnownClosed() {
        let steps = [LadderStep.single(.whatsapp)]
        let refused = Self.attempt(
            1, step: 0, .answered(.accepted(providerID: "SM1")),
            .receipt(.init(status: "undelivered 63016", .failed(.windowClosed), code: "63016")))
        for facts in Self.everything
        where facts.channel == .whatsapp && facts.hasAddress && facts.hasSender && !facts.isSuppressed
            && !facts.isExpired && facts.windowOpens == nil
        {
            var facts = facts
            facts.job = JobFacts(ladder: Ladder(steps: steps), category: .alert, attempts: [refused])
            (facts.generation, facts.step) = (2, 0)
            #expect(Admission(facts) == (facts.hasTemplate ? .sendTemplate : .skip(.windowClosed)))
        }
    }

    @Test("a job whose template is gone is held with the remedy, and neither passed over nor ended")
    func missingTemplate() throws {
        for facts in Self.everything where expected(facts) == .skip(.noContent) {
            var facts = facts
            facts.lacksTemplate = true
            guard case .hold(let reason) = Admission(facts) else {
                Issue.record("\(facts)")
                continue
            }
            #expect(reason.contains("outrider.templates"))
        }
    }

    @Test("a one-time password lives ten minutes from when it was due, unless its job says when it ends")
    func lifetime() {
        let due = Instant(microseconds: 1_000_000)
        let asked = Instant(microseconds: 5_000_000)
        for category in Delivery.Category.allCases {
            let end = category == .otp ? due.advanced(by: .seconds(600)) : nil
            #expect(category.deadline(asked: nil, dueAt: due) == end)
            #expect(category.deadline(asked: asked, dueAt: due) == asked)
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

    @Test("a job that got through, or whose repeated message was taken after all, sends nothing, whatever else is true")
    func withdrawn() {
        let through = Self.job(
            Self.attempt(
                1, step: 0, .answered(.accepted(providerID: "SM1")),
                .receipt(.init(status: "delivered", .reached(.delivered)))))
        let taken = Self.job(Self.attempt(1, step: 1, .receipt(.init(status: "ringing", .progress))))
        for (job, reason) in [
            (through, "an earlier attempt got through meanwhile"),
            (taken, "the message that it repeats had been taken after all"),
        ] {
            for facts in Self.everything {
                var facts = facts
                (facts.job, facts.generation, facts.step) = (job, 2, 1)
                #expect(Admission(facts) == .withdraw(reason: reason), "\(facts)")
            }
        }
    }

    @Test("an earlier attempt that failed, or is of another step, keeps nothing from being sent")
    func earlierAttempts() throws {
        let failed = Self.attempt(1, step: 1, .answered(.refused(code: "1", .transient)))
        let otherStep = Self.attempt(1, step: 0, .answered(.accepted(providerID: "SM1")))
        let unanswered = Self.attempt(1, step: 1, .answered(.unknown()))
        let facts = try #require(Self.everything.first { Admission($0) == .sendText })
        for attempt in [failed, otherStep, unanswered] {
            var facts = facts
            (facts.job, facts.generation, facts.step) = (Self.job(attempt), 2, 1)
            #expect(Admission(facts) == .sendText, "\(attempt)")
        }
    }

    @Test("what is urgent waits five seconds for a message that nobody can account for, the rest as long as that takes")
    func patience() {
        let patience = Category.allCases.map { ($0, $0.openSendPatience) }
        #expect(patience.filter { $0.1 == .seconds(5) }.map(\.0) == [.otp, .alert])
        #expect(patience.filter { $0.1 == nil }.map(\.0) == [.transactional, .marketing])
    }
}

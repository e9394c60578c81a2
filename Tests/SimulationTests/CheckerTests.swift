import Delivery
import Testing

@testable import Simulation

@Suite("A checker alarms on what breaks its promise, and not on what does not")
struct CheckerTests {
    private func expect(
        _ checker: some Checker, breaks: [(Int, Fact)], keeps: [(Int, Fact)],
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(alarms(of: checker, breaks).count == 1, sourceLocation: location)
        #expect(alarms(of: checker, keeps) == [], sourceLocation: location)
    }

    @Test("a job that neither ended nor is held")
    func lost() {
        var database = SimulatedDatabase()
        database.jobs[1] = Facts.job()
        #expect(alarms(of: NothingLost(), [], database).count == 1)
        _ = database.insert(Facts.recorded(.held()))
        #expect(alarms(of: NothingLost(), [], database) == [])
        _ = database.insert(Facts.recorded(.released(asSent: true)))
        #expect(alarms(of: NothingLost(), [], database).count == 1)
        _ = database.insert(Facts.recorded(.ended(.exhausted), 1, 0))
        #expect(alarms(of: NothingLost(), [], database) == [])
    }

    @Test("a time of a schedule that is decided twice, that is no time of it, that is passed over, or that is missed")
    func firings() {
        let fired = { (schedule: Int, second: Int) in
            Fact.fired(FireKey(schedule: schedule, nominal: Time.seconds(second).instant))
        }
        let passed = { Fact.passedOver(FireKey(schedule: $0, nominal: Time.seconds(40).instant), .late) }
        let checker = OneFiring(until: 0)
        // A run begins 20 s past a minute.
        let once: [(Int, Fact)] = [(40, fired(1, 40)), (100, fired(1, 100)), (160, fired(2, 220)), (161, passed(3))]
        expect(checker, breaks: once + [(101, fired(1, 40))], keeps: once)
        expect(checker, breaks: [(41, fired(1, 41))], keeps: [])
        // The clock shows 0:13 and 0:14 once more.
        expect(checker, breaks: [(100, fired(2, 100))], keeps: [(40, fired(2, 40))])
        expect(checker, breaks: [(40, passed(1))], keeps: [(40, passed(3))])
        let all = (1...3).map { (40, fired($0, 40)) }
        let watchful = OneFiring(until: .seconds(90))
        #expect(alarms(of: watchful, all, SimulatedDatabase()) == [])
        #expect(alarms(of: watchful, Array(all.dropLast()), SimulatedDatabase()).count == 1)
    }

    @Test("two messages on one intent")
    func twice() {
        expect(
            OneAcceptPerIntent(),
            breaks: [(1, .accepted("SM1", Facts.wire())), (2, .accepted("SM2", Facts.wire()))],
            keeps: [(1, .accepted("SM1", Facts.wire())), (2, .accepted("SM2", Facts.wire(1, 2)))])
    }

    @Test("a repeat of what was taken and has not failed")
    func repeated() {
        let begun: [(Int, Fact)] = [(1, Facts.intent()), (2, .accepted("SM1", Facts.wire()))]
        let again: [(Int, Fact)] = [(9, Facts.intent(1, 2))]
        let failed: [(Int, Fact)] = [(3, .became("SM1", status: "failed", isFailure: true))]
        let marked: [(Int, Fact)] = [(3, Facts.next(.resend))]
        let checker = ProofBeforeRepeat(ladders: [])
        expect(checker, breaks: begun + [(3, Facts.next(.retry))] + again, keeps: begun + failed + again)
        expect(checker, breaks: marked + [(4, Facts.next(.resend, 2))], keeps: begun + marked + again)
    }

    @Test("another attempt's message, one that nobody took, and the denial of one that was taken")
    func wrongMessage() {
        let taken: [(Int, Fact)] = [(1, .accepted("SM1", Facts.wire(2)))]
        let mine: [(Int, Fact)] = [(1, .accepted("SM1", Facts.wire()))]
        let accepted = Facts.event(.answered(.accepted(providerID: "SM1")))
        expect(RightMessage(), breaks: taken + [(2, accepted)], keeps: mine + [(2, accepted)])
        expect(RightMessage(), breaks: [(2, accepted)], keeps: mine + [(2, accepted)])
        expect(
            RightMessage(), breaks: mine + [(2, Facts.event(.answered(.notSent(reason: nil))))],
            keeps: taken + [(2, Facts.event(.answered(.refused(.content))))])
    }

    @Test("an intent after an opt-out, told by the person or by the provider, unless it was taken back")
    func optOut() {
        let out: [(Int, Fact)] = [(5, .suppressed(Facts.texts, lifted: false))]
        let back: [(Int, Fact)] = [(6, .suppressed(Facts.texts, lifted: true))]
        let before: [(Int, Fact)] = [(9, Facts.intent(at: .milliseconds(4)))]
        let after: [(Int, Fact)] = [(9, Facts.intent(at: .milliseconds(8)))]
        expect(NoSendAfterOptOut(), breaks: out + after, keeps: out + before)
        expect(NoSendAfterOptOut(), breaks: back + out + after, keeps: out + back + after)

        // Of another tenant, or for other messages: it binds nobody else.
        let asked: [(Int, Fact)] = [(0, .asked(Facts.job()))]
        for (tenant, category, isBound) in [
            ("default", nil, true), ("default", .alert, true), ("club", nil, false), ("", .marketing, false),
        ] as [(String, Delivery.Category?, Bool)] {
            var key = Facts.texts
            (key.tenant, key.category) = (tenant, category)
            let facts = asked + [(5, .suppressed(key, lifted: false))] + after
            #expect(alarms(of: NoSendAfterOptOut(), facts).count == (isBound ? 1 : 0), "\(key)")
        }

        let refused: [(Int, Fact)] = [(1, Facts.intent()), (2, .refused(Facts.wire(), code: "21610"))]
        let told: [(Int, Fact)] = [(7, Facts.event(.answered(.refused(code: "21610", .optedOut))))]
        let call: [(Int, Fact)] = [(9, Facts.intent(2, at: .milliseconds(8), channel: .voice))]
        expect(NoSendAfterOptOut(), breaks: refused + told + call, keeps: refused + back + told + call)
    }

    @Test("a message skipped for an opt-out that was not said to its tenant, or not of its kind")
    func scope() {
        let senders = [
            SenderRow(id: 1, channel: .sms, address: "+15005550001"),
            SenderRow(id: 6, channel: .sms, address: Workload.clubNumber, tenant: "club"),
        ]
        let checker = OptOutBindsNoOther(senders: senders)
        func asked(_ tenant: String, _ category: Delivery.Category = .alert) -> [(Int, Fact)] {
            [
                (0, .asked(Facts.job { ($0.tenant, $0.category) = (tenant, category) })),
                (9, Facts.event(.answered(.skipped(.optedOut)))),
            ]
        }
        func stop(_ number: String) -> [(Int, Fact)] {
            [(1, .wrote(address: Facts.number, to: number, id: "IN1", ago: 0, word: .stop))]
        }
        expect(
            checker, breaks: stop(Workload.clubNumber) + asked("default"),
            keeps: stop(Workload.clubNumber) + asked("club"))
        expect(checker, breaks: asked("club"), keeps: stop("+15005550001") + asked("club"))
        let blocked: [(Int, Fact)] = [(1, .refused(Facts.wire(channel: .whatsapp), code: "30004"))]
        expect(checker, breaks: blocked + asked("default"), keeps: blocked + asked("default", .marketing))
    }

    @Test("a body without an intent, or later than five seconds after it")
    func fence() {
        let begun: [(Int, Fact)] = [(0, Facts.intent())]
        expect(
            FenceHolds(), breaks: begun + [(5001, .bodyLeft(Facts.wire()))],
            keeps: begun + [(5000, .bodyLeft(Facts.wire()))])
        #expect(alarms(of: FenceHolds(), [(1, .bodyLeft(Facts.wire()))]).count == 1)
    }

    @Test("free text on WhatsApp a day after the person's last word")
    func window() {
        func wrote(_ ago: Int) -> (Int, Fact) {
            (0, .wrote(address: Facts.number, to: "+15005550001", id: "IN1", ago: .seconds(ago)))
        }
        let text: [(Int, Fact)] = [(1000, .bodyLeft(Facts.wire(channel: .whatsapp)))]
        let template: [(Int, Fact)] = [(1000, .bodyLeft(Facts.wire(channel: .whatsapp, isFreeForm: false)))]
        expect(WindowHolds(), breaks: [wrote(86_400)] + text, keeps: [wrote(86_398)] + text)
        expect(WindowHolds(), breaks: text, keeps: template)
    }

    @Test("an attempt nobody decided on, of another step, twice, backwards, or after the end")
    func ladder() {
        let first: [(Int, Fact)] = [(1, Facts.intent())]
        let up: [(Int, Fact)] = first + [(2, Facts.next(.escalate, to: 1)), (3, Facts.intent(1, 2, step: 1))]
        expect(LadderNeverBack(), breaks: first + [(3, Facts.intent(1, 2, step: 1))], keeps: up)
        let checker = LadderNeverBack()
        #expect(alarms(of: checker, first + [(2, Facts.next(.escalate, to: 1)), (3, Facts.intent(1, 2))]).count == 1)
        #expect(alarms(of: checker, first + first).count == 1)
        #expect(alarms(of: checker, up + [(4, Facts.next(.retry, 2)), (5, Facts.intent(1, 3))]).count == 1)
        #expect(alarms(of: checker, first + [(2, Facts.next(.retry)), (2, Facts.next(.retry))]).count == 1)
        let end: [(Int, Fact)] = [(2, Facts.event(.ended(.exhausted), 1, 0))]
        expect(checker, breaks: first + end + end, keeps: first + end)
        #expect(alarms(of: checker, end + [(9, Facts.intent(at: .milliseconds(3)))]).count == 1)
    }

    @Test("a message to one person more than a campaign's budget has, but not a repeat, nor after the budget is lifted")
    func budget() {
        let asked: [(Int, Fact)] = [1, 2].map { id in
            (0, .asked(Facts.job { ($0.id, $0.campaignID) = (id, 7) }))
        }
        let one: [(Int, Fact)] = [(1, .budget(campaign: 7, 1))]
        let lifted: [(Int, Fact)] = [(3, .budget(campaign: 7, nil))]
        let first: [(Int, Fact)] = [(2, Facts.intent(1)), (2, Facts.intent(1, 2))]
        let second: [(Int, Fact)] = [(4, Facts.intent(2))]
        expect(BudgetHolds(), breaks: asked + one + first + second, keeps: asked + one + first)
        expect(BudgetHolds(), breaks: asked + one + first + second, keeps: asked + one + first + lifted + second)
    }

    @Test("an intent by phone of a category that quiet hours bind, while they run where the person lives")
    func quietHours() {
        var random = SplitMix64(seed: 1)
        var span = QuietSpan(&random)
        // The run begins at 22:13:20 by UTC.
        (span.ahead, span.begins, span.ends) = (3_600, 23 * 60 + 14, 23 * 60 + 16)
        let asked: [(Int, Fact)] = [(0, .asked(Facts.job { $0.category = .marketing }))]
        func begun(_ seconds: Int, _ channel: Channel = .sms) -> [(Int, Fact)] {
            [(1, Facts.intent(at: .seconds(seconds), channel: channel))]
        }
        for inside in [40, 100, 159] {
            expect(QuietHoursHold(span), breaks: asked + begun(inside), keeps: asked + begun(inside, .email))
            let urgent: [(Int, Fact)] = [(0, .asked(Facts.job { $0.category = .otp }))]
            expect(QuietHoursHold(span), breaks: asked + begun(inside), keeps: urgent + begun(inside))
        }
        for outside in [39, 160] {
            expect(QuietHoursHold(span), breaks: asked + begun(100), keeps: asked + begun(outside))
        }
        expect(QuietHoursHold(span), breaks: asked + begun(100), keeps: asked)
        #expect(alarms(of: QuietHoursHold(nil), asked + begun(100)) == [])
    }

    @Test("a message more than a cap has room for, but not a repeat, nor another person's, nor after the span")
    func caps() {
        let cap = Cap(id: 1, name: "c", subject: .address, category: .otp, most: 1, span: 60)
        func asked(_ category: Delivery.Category) -> [(Int, Fact)] {
            [1, 2].map { id in (0, .asked(Facts.job { ($0.id, $0.category) = (id, category) })) }
        }
        func begun(_ job: Int, _ generation: Int, _ seconds: Int, to address: String = Facts.number) -> [(Int, Fact)] {
            [(1, Facts.intent(job, generation, at: .seconds(seconds), to: address))]
        }
        let first = asked(.otp) + begun(1, 1, 1)
        expect(CapsHold(cap), breaks: first + begun(2, 1, 40), keeps: first + begun(1, 2, 40))
        expect(CapsHold(cap), breaks: first + begun(2, 1, 40), keeps: first + begun(2, 1, 40, to: "+48600000009"))
        expect(CapsHold(cap), breaks: first + begun(2, 1, 40), keeps: first + begun(2, 1, 70))
        expect(CapsHold(cap), breaks: first + begun(2, 1, 40), keeps: asked(.alert) + begun(1, 1, 1) + begun(2, 1, 40))
        #expect(alarms(of: CapsHold(nil), first + begun(2, 1, 40)) == [])
    }

    @Test("an intent of a campaign that is paused")
    func pause() {
        let asked: [(Int, Fact)] = [(0, .asked(Facts.job { $0.campaignID = 7 }))]
        let paused: [(Int, Fact)] = [(5, .campaign(7, isPaused: true))]
        let resumed: [(Int, Fact)] = [(6, .campaign(7, isPaused: false))]
        let begun: [(Int, Fact)] = [(9, Facts.intent(at: .milliseconds(8)))]
        let before: [(Int, Fact)] = [(9, Facts.intent(at: .milliseconds(4)))]
        expect(PauseHolds(), breaks: asked + paused + begun, keeps: asked + paused + resumed + begun)
        expect(PauseHolds(), breaks: asked + paused + begun, keeps: asked + paused + before)
        expect(PauseHolds(), breaks: asked + paused + begun, keeps: [(0, .asked(Facts.job()))] + paused + begun)
    }

    @Test("two due rows of one decision, but not one that was put back for later")
    func dueRows() {
        let placed: [(Int, Fact)] = [(1, .placed(Facts.row(.dispatch, 2)))]
        expect(OneWakePerDecision(), breaks: placed + placed, keeps: placed + [(2, .putBack(Facts.row(.dispatch, 2)))])
    }

    @Test("a body whose intent was taken after the job got through")
    func delivered() {
        func receipt(_ level: SuccessLevel) -> (Int, Fact) {
            (2, Facts.event(.receipt(.init(status: level.rawValue, .reached(level)))))
        }
        let asked: [(Int, Fact)] = [(0, .asked(Facts.job())), (1, Facts.intent())]
        let again: [(Int, Fact)] = [(4, Facts.intent(1, 2, at: .milliseconds(3))), (5, .bodyLeft(Facts.wire(1, 2)))]
        expect(
            NothingAfterDelivery(), breaks: asked + [receipt(.delivered)] + again,
            keeps: asked + [receipt(.sent)] + again)
    }

    @Test("a webhook that was answered and is not there")
    func durable() {
        let answered: [(Int, Fact)] = [(1, .webhookAnswered(key: "inbound IN1", isStored: true))]
        var database = SimulatedDatabase()
        #expect(alarms(of: DurableBeforeAnswer(), answered, database).count == 1)
        database.inbound.insert("IN1")
        #expect(alarms(of: DurableBeforeAnswer(), answered, database) == [])
    }

    @Test("more bodies on one window's intents than it holds, but for one longer than a window")
    func rate() {
        let checker = RateHolds(senders: [SenderRow(id: 1, channel: .sms, address: "+15005550001", rate: 2)])
        func sent(_ job: Int, at: Int, cost: Int = 1) -> [(Int, Fact)] {
            [(at, Facts.intent(job, at: .milliseconds(at), cost: cost)), (at + 1, .bodyLeft(Facts.wire(job)))]
        }
        let two = sent(1, at: 0) + sent(2, at: 100)
        expect(checker, breaks: two + sent(3, at: 900), keeps: two + sent(3, at: 1000))
        expect(checker, breaks: sent(1, at: 0) + sent(2, at: 100, cost: 2), keeps: sent(1, at: 0, cost: 3))
        #expect(alarms(of: checker, two + [(900, Facts.intent(3, at: .milliseconds(900)))]) == [])
    }

    @Test("more bodies of a campaign on one window's intents than its rate, the larger one while that changes")
    func campaignRate() {
        let checker = CampaignRateHolds(rates: [1: 2])
        func sent(_ job: Int, at: Int, campaign: Int? = 1) -> [(Int, Fact)] {
            var row = JobRow(id: job, category: .marketing)
            row.campaignID = campaign
            return [
                (at, .asked(row)), (at, Facts.intent(job, at: .milliseconds(at), cost: 3)),
                (at + 1, .bodyLeft(Facts.wire(job))),
            ]
        }
        let two = sent(1, at: 0) + sent(2, at: 100)
        expect(checker, breaks: two + sent(3, at: 900), keeps: two + sent(3, at: 1000) + sent(4, at: 1001))
        expect(checker, breaks: two + sent(3, at: 900), keeps: two + sent(3, at: 900, campaign: nil))
        let changed: [(Int, Fact)] = two + [(500, .rated(campaign: 1, 3))]
        expect(checker, breaks: changed + sent(3, at: 900) + sent(4, at: 950), keeps: changed + sent(3, at: 900))
        let slower: [(Int, Fact)] = [(500, .rated(campaign: 1, 1))]
        expect(checker, breaks: slower + sent(1, at: 1000) + sent(2, at: 1999), keeps: slower + two + sent(3, at: 1000))
    }

    @Test("a lease of a silent worker a minute on")
    func deadMoveOn() {
        func watched(_ second: Int) -> (Int, Fact) {
            (second * 1000, .watched(isWell: true, leases: [LeaseView(id: 1, worker: "w")]))
        }
        let heard: [(Int, Fact)] = [(0, .heartbeat("w")), watched(1)]
        expect(DeadMoveOn(), breaks: heard + [watched(66)], keeps: heard + [watched(60)])
        expect(
            DeadMoveOn(), breaks: heard + [watched(90)],
            keeps: heard + [(80_000, .leased(lease: 1, worker: "w")), watched(90)])
    }

    @Test("a takeover before the silence has lasted, a send before its time or after it")
    func clock() {
        let beat: [(Int, Fact)] = [(0, .heartbeat("w"))]
        func rescued(_ second: Int) -> (Int, Fact) { (second * 1000, .rescued("w", deadAfter: .seconds(15))) }
        expect(DatabaseClockDecides(), breaks: beat + [rescued(14)], keeps: beat + [rescued(15)])

        let later: [(Int, Fact)] = [(0, .asked(Facts.job { $0.runAt = .seconds(2) }))]
        expect(
            DatabaseClockDecides(), breaks: later + [(1000, Facts.intent(at: .seconds(1)))],
            keeps: later + [(2000, Facts.intent(at: .seconds(2)))])

        let until: [(Int, Fact)] = [(0, .asked(Facts.job { $0.expiresAt = .seconds(2) }))]
        func sent(_ second: Int) -> [(Int, Fact)] {
            [(second * 1000, Facts.intent(at: .seconds(second))), (second * 1000, .bodyLeft(Facts.wire()))]
        }
        expect(DatabaseClockDecides(), breaks: until + sent(2), keeps: until + sent(1))
    }

    @Test("a retry later than the cap and what the provider asked for")
    func backoff() {
        func retry(_ second: Int) -> [(Int, Fact)] { [(0, .placed(Facts.row(.dispatch, 2, at: .seconds(second))))] }
        expect(BackoffCapped(), breaks: retry(16), keeps: retry(15))
    }
}

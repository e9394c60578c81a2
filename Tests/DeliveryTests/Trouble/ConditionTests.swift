import Testing

@testable import Delivery

@Suite("What is in trouble")
struct ConditionTests {
    private static func sender(
        _ name: String, paused: Double? = nil, code: String? = nil, enabled: Bool = true
    ) -> Condition.Sender {
        Condition.Sender(
            name: name, channel: .sms, isEnabled: enabled, pausedSeconds: paused, code: code,
            meaning: "as the table says")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var condition: Condition
        var troubles: [String]

        init(_ description: String, _ condition: Condition, _ troubles: String...) {
            testDescription = description
            self.condition = condition
            self.troubles = troubles
        }
    }

    static let cases = [
        Case("all is well", Condition(schema: 6, knownSchema: 6, workers: 1, senders: [sender("a")])),
        Case("nothing is due, so no worker is missed", Condition(schema: 6, knownSchema: 6, workers: 0)),
        Case(
            "something is due and nobody lives", Condition(schema: 6, knownSchema: 6, workers: 0, overdueSeconds: 5),
            "no_worker:"),
        Case(
            "something is late and workers live: that is a matter of speed",
            Condition(schema: 6, knownSchema: 6, workers: 1, overdueSeconds: 500)),
        Case("read only", Condition(isReadOnly: true, schema: 6, knownSchema: 6, workers: 1), "database_read_only:"),
        Case(
            "nobody has adopted the database",
            Condition(displacement: .restoredRows, schema: 6, knownSchema: 6, workers: 1),
            "database_displaced:"),
        Case("older", Condition(schema: 5, knownSchema: 6, workers: 1), "schema_too_old:"),
        Case("newer", Condition(schema: 7, knownSchema: 6, workers: 1), "schema_too_new:"),
        Case(
            "one of two senders is refused",
            Condition(
                schema: 6, knownSchema: 6, workers: 1, senders: [sender("a", paused: 3, code: "20003"), sender("b")]),
            "sender_paused:a"),
        Case(
            "the only enabled sender is refused",
            Condition(
                schema: 6, knownSchema: 6, workers: 1,
                senders: [sender("a", paused: 3, code: "20003"), sender("b", enabled: false)]),
            "channel_stopped:sms", "sender_paused:a"),
        Case(
            "all are disabled",
            Condition(schema: 6, knownSchema: 6, workers: 1, senders: [sender("a", enabled: false)]),
            "channel_stopped:sms"),
        Case(
            "a worker reports",
            Condition(
                schema: 6, knownSchema: 6, workers: 2,
                reports: [.init(cause: .tlsFails, scope: "twilio", detail: "tls", seconds: 4)]),
            "tls_fails:twilio"),
        Case(
            "a campaign fails",
            Condition(
                schema: 6, knownSchema: 6, workers: 2,
                campaigns: [.init(name: "spring", reason: "11 % were filtered", seconds: 4)]),
            "campaign_stopped:spring"),
    ]

    @Test("each condition names its troubles and no others", arguments: cases)
    func troubles(_ row: Case) {
        #expect(row.condition.troubles.map { "\($0.cause.rawValue):\($0.scope)" } == row.troubles)
        #expect(row.condition.troubles.allSatisfy { !$0.remedy.isEmpty && !$0.detail.isEmpty })
    }

    @Test("a refusal of our credentials says code, meaning, and which settings to mend")
    func credentials() throws {
        let paused = Self.sender("texts", paused: 3, code: "20003")
        let trouble = try #require(
            Condition(schema: 1, knownSchema: 1, workers: 1, senders: [paused, Self.sender("b")]).troubles.first)
        #expect(trouble.detail == "code 20003: as the table says")
        #expect(trouble.remedy.contains("TWILIO_API_KEY_SECRET"))
    }

    @Test("a database that takes no writes is named")
    func readOnly() {
        let condition = Condition(isReadOnly: true, schema: 1, knownSchema: 1, workers: 1, senders: [])
        #expect(condition.troubles.map(\.cause) == [.databaseReadOnly])
    }

    @Test("the code is read back from the reason of a consequence, and from no reason that a person writes")
    func code() {
        let event = JobEvent.answered(.refused(code: "30034", .configuration, reason: "", retryAfter: nil))
        guard case .refusal(let reason, _) = Consequence.of(event, on: .sms, job: 17).first else {
            Issue.record("a configuration fault pauses the sender")
            return
        }
        #expect(Condition.Sender.code(ofPause: reason) == "30034")
        #expect(Condition.Sender.code(ofPause: "wrong number, says Ann") == nil)
    }
}

@Suite("The way to a provider")
struct ProviderHealthTests {
    private func cause(at now: Double, _ change: (inout ProviderHealth) -> Void) -> Trouble.Cause? {
        var health = ProviderHealth()
        change(&health)
        return health.trouble(with: "twilio", at: now)?.cause
    }

    @Test("failures in a row count once they have lasted, whatever their number; one does not")
    func streak() {
        let twice = { (health: inout ProviderHealth) in
            for at in [0.0, 0.5] { health.ended(health.begun(at: at), .notSent("tls"), at: at) }
        }
        #expect(cause(at: 1, twice) == nil)
        #expect(cause(at: 2, twice) == .tlsFails)
        #expect(cause(at: 60) { $0.ended($0.begun(at: 0), .notSent("tls"), at: 0) } == nil)
    }

    @Test("each kind of failure has its cause")
    func causes() {
        for (sign, expected) in [
            (ProviderHealth.Sign.notSent("connect"), Trouble.Cause.providerUnreachable),
            (.unknown("http_503"), .providerFails), (.unknown("unreadable_success"), .providerFails),
            (.unknown("timed_out"), .providerUnreachable),
        ] {
            let cause = cause(at: 3) { health in
                for at in [0.0, 1] { health.ended(health.begun(at: at), sign, at: at) }
            }
            #expect(cause == expected)
        }
    }

    @Test("a provider that takes nothing more for some seconds is a trouble; one busy moment is none")
    func limited() {
        let refused = { (health: inout ProviderHealth) in
            for at in [0.0, 0.1, 1, 4] { health.ended(health.begun(at: at), .limited("20429"), at: at) }
        }
        #expect(cause(at: 4.5, refused) == nil)
        #expect(cause(at: 5, refused) == .providerLimits)
    }

    @Test("an answer ends it, and so does a silence in which nothing is sent")
    func over() {
        let failing = { (health: inout ProviderHealth) in
            for at in [0.0, 1] { health.ended(health.begun(at: at), .notSent("connect"), at: at) }
        }
        #expect(
            cause(at: 3) {
                failing(&$0); $0.ended($0.begun(at: 2), .answered, at: 2)
            } == nil)
        #expect(cause(at: 300, failing) == nil)
    }

    @Test("sends that hang are noticed before their deadline, unless others are answered meanwhile")
    func hanging() {
        #expect(
            cause(at: 7) {
                _ = $0.begun(at: 0); _ = $0.begun(at: 1)
            } == .providerUnreachable)
        #expect(
            cause(at: 7) {
                _ = $0.begun(at: 0); _ = $0.begun(at: 1); $0.ended($0.begun(at: 2), .answered, at: 3)
            } == nil)
    }
}

import Delivery
import Insight
import Postgres
import Providers
import TestDatabase
import Testing

/// What `outrider.why()` says of a job, by the events that the code writes.
@Suite("Why a job was sent or not", .timeLimit(.minutes(5)))
struct WhyTests {
    /// A job and what happened to it.
    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        /// By which step of the ladder sms, voice; of attempts from 1. The outcome is of generation 0.
        var events: [(step: Int, event: JobEvent)]
        var says: [String]
        var testDescription: String { name }

        init(_ name: String, _ events: [(Int, JobEvent)], says: String...) {
            (self.name, self.says) = (name, says)
            self.events = events.map { (step: $0.0, event: $0.1) }
        }
    }

    private static let phone = "+15005550017"
    private static let secret = "the body 918273"

    /// The channels of the ladder `sms, voice, whatsapp` that comes with the schema.
    private static func channel(ofStep step: Int) -> String { step == 0 ? "sms" : step == 1 ? "voice" : "whatsapp" }

    private static func add(_ events: [(step: Int, event: JobEvent)], to job: Int, _ stand: Stand) async throws {
        for (step, event) in events {
            let columns = event.columns
            var generation = step + 1
            if case .ended = event { generation = 0 }
            let detail = columns.detail.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            _ = try await stand.admin.fetch(
                Statement(
                    name: "add",
                    sql: """
                        insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, code, class, level, reason, detail)
                        values ($1, $2, $3, $4, $5::int, 1, $6, $7, $8, $9, $10, $11::jsonb) returning job_id
                        """),
                [
                    .int(job), .int(generation), .text(columns.kind), .text(columns.status), .int(step),
                    .text(channel(ofStep: step)), .text(columns.code), .text(columns.failure), .text(columns.level),
                    .text(columns.reason), .text("{\(detail)}"),
                ])
        }
    }

    /// A worker runs, and each channel has a sender.
    private static let setUp = """
        insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006'), ('call', 'voice', '+15005550006');
        insert into outrider.workers (id, host, process_id, version, heartbeat_at) values ('w', 'h', 1, '1', now() + interval '1 day');
        """

    private static func ask(_ job: Int, category: String = "transactional", columns: String = "", values: String = "")
        -> String
    {
        """
        insert into outrider.jobs (id, kind, ladder, phone, body, category\(columns))
        values (\(job), 'notify', 'standard', '\(phone)', '\(secret)', '\(category)'\(values));
        """
    }

    private static func why(_ job: Int, _ stand: Stand) async throws -> String {
        try #require(try await stand.value("outrider.why(\(job))"))
    }

    // MARK: Words

    @Test("every outcome, state, skip, rule of a deferral, class and ground of a suppression has a meaning")
    func words() async throws {
        let grounds: [SuppressionReason] = [
            .bounce, .invalidAddress, .spamReport, .unsubscribe, .groupUnsubscribe(group: nil),
            .groupUnsubscribe(group: 7),
        ]
        let said = Consequence.of(
            .answered(.refused(code: "21610", .optedOut)), on: .sms, job: 1
        ).compactMap { consequence -> String? in
            guard case .suppress(_, _, let reason) = consequence else { return nil }
            return reason
        }
        let words: [(topic: String, words: [String])] = [
            ("outcome", Outcome.allCases.map(\.rawValue)), ("state", JobState.allCases.map(\.rawValue)),
            ("skip", SkipReason.allCases.map(\.rawValue)), ("defer", DeferReason.allCases.map(\.rawValue)),
            ("class", FailureClass.allCases.map(\.rawValue)),
            (
                "suppression",
                (grounds.map(\.word) + said).map { String($0.prefix { $0 != " " }) } + ["stop", "operator"]
            ),
        ]
        try await Stand.with { stand async throws in
            for (topic, words) in words {
                #expect(!words.isEmpty)
                let known = try await stand.value(
                    "select string_agg(word, ' ') from outrider.explanations where topic = '\(topic)' and meaning ~ '[a-z]{3}'"
                )
                let missing = Set(words).subtracting((known ?? "").split(separator: " ").map(String.init))
                #expect(missing == [], "outrider.explanations lacks words of \(topic)")
            }
            // Half the world's codes have a meaning of their own; what is written for one of them is about a code that is there.
            #expect(
                try await stand.value(
                    """
                    select string_agg(word, ' ') from outrider.explanations x where topic = 'code'
                       and not exists (select from outrider.error_codes c where c.provider || ' ' || c.code = x.word)
                    """) == nil)
        }
    }

    /// What the rules write where a person must decide.
    private static func reasonsToHold() -> [String] {
        let start = Instant(microseconds: 0)
        let ladder = Ladder(steps: [LadderStep(channel: .sms, wait: .seconds(60), success: .delivered)])
        var reasons = ["its row cannot be read: column data"]
        let facts = Admission.Facts(
            channel: .sms, hasAddress: true, hasSender: true, isSuppressed: false, isWindowOpen: true, hasText: false,
            hasTemplate: false, isExpired: false, lacksTemplate: true, job: JobFacts(ladder: ladder, category: .alert))
        if case .hold(let reason) = Admission(facts) { reasons.append(reason) }
        var random = Seeded(state: 1)
        for phase in [AttemptPhase.skipped(.noSender), .failed(.credentials), .failed(.configuration), .unanswered] {
            let attempt = Attempt(generation: 1, step: 0, begunAt: start, phase: phase, listings: 2)
            let decision = Decision(
                facts: JobFacts(ladder: ladder, category: .transactional, attempts: [attempt]), timing: Timing(),
                now: start.advanced(by: .seconds(2 * 86_400)))
            if case .hold(let reason) = decision.action(on: 1, for: .decide, using: &random) { reasons.append(reason) }
        }
        return reasons
    }

    @Test("each reason to hold a job comes with what a person can do")
    func held() async throws {
        let reasons = Self.reasonsToHold()
        #expect(reasons.count == 6)
        try await Stand.with { stand async throws in
            try await stand.run(Self.setUp)
            let unknown = try #require(
                try await stand.value(
                    "select remedy from outrider.explanations where (topic, word) = ('state', 'held')"))
            for (index, reason) in reasons.enumerated() {
                let job = index + 1
                try await stand.run(Self.ask(job))
                try await Self.add([(0, .held(reason: reason))], to: job, stand)
                let why = try await Self.why(job, stand)
                #expect(why.hasPrefix("Held since 20") && why.hasSuffix("."), "\(why)")
                #expect(!why.contains(unknown.replacing("{job}", with: "\(job)")), "no remedy of its own: \(reason)")
            }
        }
    }

    // MARK: Sentences

    private static let lives: [Fixture] =
        [
            Fixture(
                "delivered by the second step",
                [
                    (0, .intent(token: nil)), (0, .answered(.accepted(providerID: "SM1"))),
                    (0, .receipt(.init(status: "undelivered", .failed(.unreachable), code: "30003"))),
                    (0, .decided(.escalate, step: 1)), (1, .intent(token: nil)),
                    (1, .answered(.accepted(providerID: "CA1"))),
                    (1, .receipt(.init(status: "completed", .reached(.answered)))), (1, .ended(.delivered)),
                ],
                says: "Delivered by voice on step 2 of 3 at 20",
                "after sms on step 1 of 3 failed with 30003 (The handset is off"),
            Fixture(
                "every step failed, by a code that no table knows",
                [(0, .intent(token: nil)), (0, .answered(.refused(code: "99999", .content))), (0, .ended(.exhausted))],
                says:
                    "Not delivered: sms on step 1 of 3 failed with 99999: the message itself is refused; correct the text"
            ),
            Fixture(
                "a code that has a remedy of its own",
                [
                    (0, .intent(token: nil)), (0, .answered(.refused(code: "30034", .unregistered))),
                    (0, .ended(.exhausted)),
                ],
                says: "30034 (The sender is not registered for the US)", "register brand and campaign for A2P 10DLC"),
            Fixture(
                "expired while a rule said not now",
                [
                    (0, .deferred(number: 1, .campaignWindow, until: Instant(microseconds: 1_900_000_000_000_000))),
                    (0, .ended(.expired)),
                ], says: "Not sent: its time was over",
                "having waited until 2030-03-17 17:46:40 UTC, sms on step 1 of 3: its campaign"),
            Fixture(
                "expired without a trace", [(0, .ended(.expired))], says: "Not sent: its time was over", "expires_at"),
            Fixture(
                "canceled after a send",
                [
                    (0, .intent(token: nil)), (0, .answered(.accepted(providerID: "SM1"))),
                    (0, .ended(.canceled, reason: "canceled by ann")),
                ],
                says: "Ended: canceled by ann at 20", "may still arrive"),
            Fixture(
                "nobody can say",
                [(0, .intent(token: nil)), (0, .answered(.unknown())), (0, .ended(.unknown))],
                says: "Unknown: of sms on step 1 of 3, begun at 20", "nobody can say whether the provider took it"),
            Fixture(
                "no receipt came",
                [(0, .intent(token: nil)), (0, .answered(.accepted(providerID: "SM1"))), (0, .ended(.unconfirmed))],
                says: "Unconfirmed: of sms", "never said what became of it; `outrider doctor`"),
            Fixture(
                "opted out at the provider",
                [(0, .intent(token: nil)), (0, .answered(.refused(code: "21610", .optedOut))), (0, .ended(.optedOut))],
                says: "Not delivered: sms on step 1 of 3 failed with 21610 (The recipient opted out", "inbound START"),
            Fixture("under way", [(0, .intent(token: nil))], says: "Under way: sms on step 1 of 3 was begun at 20"),
            Fixture(
                "its receipt is waited for", [(0, .intent(token: nil)), (0, .answered(.accepted(providerID: "SM1")))],
                says: "Waits: sms on step 1 of 3, begun at 20", "its receipt is waited for."),
            Fixture(
                "in doubt", [(0, .intent(token: nil)), (0, .answered(.lost()))],
                says: "nobody can say yet whether the provider took it"),
            Fixture(
                "to be tried again",
                [
                    (0, .intent(token: nil)), (0, .answered(.refused(code: "20429", .rateLimited))),
                    (0, .decided(.retry, step: 0)),
                ],
                says: "Is tried again: sms on step 1 of 3 failed with 20429"),
            Fixture(
                "the next step is due",
                [(0, .answered(.skipped(.noAddress))), (0, .decided(.escalate, step: 1))],
                says: "Goes on with the next step: sms on step 1 of 3 was passed over: the job names no address"),
            Fixture(
                "a word of a later release",
                [(0, .unrecognised(EventColumns(kind: "deferred", status: "1", code: "moon_is_full")))],
                says: "Waits sms on step 1 of 3: moon is full."),
        ]

    private static var skips: [Fixture] {
        SkipReason.allCases.map { skip in
            Fixture(
                "passed over: \(skip.rawValue)",
                [(0, .answered(.skipped(skip))), (0, .ended(skip == .optedOut ? .optedOut : .exhausted))],
                says: "Not sent: ",
                skip == .optedOut ? "the number +1…17 opted out of sms at 20" : "sms on step 1 of 3 was passed over: ",
                "; ")
        }
    }

    private static var deferrals: [Fixture] {
        DeferReason.allCases.map { rule in
            Fixture(
                "not now: \(rule.rawValue)",
                [(0, .deferred(number: 1, rule, until: Instant(microseconds: 1_900_000_000_000_000)))],
                says: "Waits until 2030-03-17 17:46:40 UTC, sms on step 1 of 3: ", "; ")
        }
    }

    private static var failures: [Fixture] {
        FailureClass.allCases.map { failure in
            Fixture(
                "failed: \(failure.rawValue)",
                [
                    (0, .intent(token: nil)),
                    (0, .answered(.refused(code: nil, failure, reason: "To \(phone) \(secret)"))),
                    (0, .ended(.exhausted)),
                ],
                says: "Not delivered: sms on step 1 of 3 failed: ", "; ")
        }
    }

    private static var outcomes: [Fixture] {
        Outcome.allCases.map { Fixture("ended: \($0.rawValue)", [(0, .ended($0))], says: ".") }
    }

    @Test(
        "each rule, class and outcome is named in one sentence, with what its code means and what helps, and never an address or a text"
    )
    func sentences() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(Self.setUp)
            try await stand.run(
                "insert into outrider.suppressions (address, channel, reason, source) values ('\(Self.phone)', 'sms', 'stop', 'inbound SM9')"
            )
            let fixtures = Self.lives + Self.skips + Self.deferrals + Self.failures + Self.outcomes
            for (index, fixture) in fixtures.enumerated() {
                let job = index + 1
                try await stand.run(Self.ask(job))
                try await Self.add(fixture.events, to: job, stand)
                let why = try await Self.why(job, stand)
                for part in fixture.says { #expect(why.contains(part), "\(fixture.name): \(why)") }
                #expect(why.hasSuffix(".") && !why.contains(".."), "\(fixture.name): \(why)")
                for hidden in [Self.phone, "5005550", "918273", "{job}"] {
                    #expect(!why.contains(hidden), "\(fixture.name): \(why)")
                }
            }
        }
    }

    @Test("what stands still is said with who stopped it: the database, workers, a campaign, a sender, a time")
    func standing() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(Self.ask(1))
            #expect(try await Self.why(1, stand) == "Waits: no worker runs; start `outrider work`.")
            try await stand.run(Self.setUp)
            #expect(try await Self.why(1, stand).hasPrefix("Waits: nothing has been sent yet"))
            try await stand.run("update outrider.senders set paused_until = clock_timestamp() + interval '1 hour'")
            #expect(try await Self.why(1, stand).contains("the provider refuses the sender"))
            try await stand.run(
                "insert into outrider.jobs (id, channel, address, body, category) values (2, 'sms', '\(Self.phone)', 'x', 'alert')"
            )
            try await stand.run("update outrider.senders set paused_until = null, enabled = false")
            #expect(try await Self.why(2, stand).contains("every sender of the channel is switched off"))
            try await stand.run(Self.ask(3, columns: ", run_at", values: ", '2190-01-01 00:00Z'"))
            #expect(try await Self.why(3, stand) == "Waits until 2190-01-01 00:00:00 UTC: its run_at has not come.")
            try await stand.run(
                Self.ask(4, columns: ", campaign", values: ", 'spring'")
                    + "select outrider.pause_campaign('spring', 'wrong price')")
            #expect(try await Self.why(4, stand).contains(": wrong price; `outrider campaign resume` lets it go on."))
            try await stand.run("select outrider.cancel_campaign('spring')")
            #expect(
                try await Self.why(4, stand).hasPrefix(
                    "Not sent: its campaign was canceled; `select outrider.retry(4)`"))
            try await stand.run("update outrider.installation set doubt = 'restored_rows'")
            #expect(try await Self.why(2, stand).contains("restored, copied or promoted; see `outrider adopt`."))
        }
    }

    @Test(
        "who is suppressed is told by the ground alone, not by what an operator wrote, and what was lifted is said so")
    func suppressions() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(Self.setUp + Self.ask(1) + Self.ask(2))
            for job in 1...2 {
                try await Self.add([(0, .answered(.skipped(.optedOut))), (0, .ended(.optedOut))], to: job, stand)
            }
            try await stand.run("select outrider.suppress('\(Self.phone)', null, 'neighbour of Ann, 12 Mill Lane')")
            let why = try await Self.why(1, stand)
            #expect(why.contains("(an operator said so)") && !why.contains("Mill"))
            try await stand.run("select outrider.lift_suppression('\(Self.phone)')")
            #expect(
                try await Self.why(1, stand).contains(
                    "had opted out of sms, and that was lifted since; `select outrider.retry(1)`"))
        }
    }

    @Test("an operator's own words are the ones that are told, and come back from a dump of the rows")
    func ownWords() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(Self.setUp + Self.ask(1))
            try await Self.add([(0, .answered(.skipped(.noContent))), (0, .ended(.exhausted))], to: 1, stand)
            try await stand.run(
                "insert into outrider.explanations values ('skip', 'no_content', 'the text is missing', 'call Ben at the desk')"
            )
            #expect(
                try await Self.why(1, stand).hasSuffix("was passed over: the text is missing; call Ben at the desk."))
        }
    }
}

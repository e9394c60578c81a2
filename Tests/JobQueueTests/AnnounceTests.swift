import JobQueue
import Postgres
import Testing

@Suite("Announcing work", .timeLimit(.minutes(5)))
struct AnnounceTests {
    /// Says of scripts whether their commit announced work.
    private struct Ear {
        let queue: TestQueue
        var elements: AsyncStream<PostgresListener.Element>.Iterator
        var asked = 0

        mutating func hears(_ script: String) async throws -> Bool {
            try await queue.run(script)
            asked += 1
            try await queue.run("NOTIFY marker, '\(asked)'")
            var isAnnounced = false
            while let element = await elements.next(isolation: #isolation) {
                switch element {
                case .notification("outrider_due", _): isAnnounced = true
                case .notification("marker", String(asked)): return isAnnounced
                case .notification, .reconnected: break
                }
            }
            return isAnnounced
        }
    }

    private func listening(_ body: (TestQueue, inout Ear) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            var configuration = queue.admin.configuration
            configuration.applicationName = "listener"
            let listener = PostgresListener(configuration, channels: ["outrider_due", "marker"])
            let running = Task { await listener.run() }
            var ear = Ear(queue: queue, elements: listener.notifications.makeAsyncIterator())
            #expect(await ear.elements.next() == .reconnected)
            try await body(queue, &ear)
            running.cancel()
            await running.value
        }
    }

    private static func insert(_ category: String) -> String {
        """
        INSERT INTO outrider.jobs (channel, address, body, category) VALUES ('sms', '+15550000001', 'x', '\(category)')
        """
    }

    /// As if the last announcement had been made at another time.
    private static func announced(_ sequence: String, _ age: String) -> String {
        "SELECT setval('outrider.\(sequence)', (extract(epoch from clock_timestamp() - interval '\(age)') * 1000)::bigint)"
    }

    @Test(
        "an open transaction that announced work keeps nobody else from announcing theirs a moment later",
        arguments: [
            ("marketing", "announced_at", "51 milliseconds"), ("otp", "announced_urgently_at", "3 milliseconds"),
        ])
    func openTransaction(category: String, sequence: String, moment: String) async throws {
        try await listening { queue, ear in
            var other = ear
            try await queue.admin.transaction { open in
                try await open.run(script: Self.insert(category))
                try await queue.run(Self.announced(sequence, moment))
                #expect(try await other.hears(Self.insert(category)))
            }
        }
    }

    @Test("an open transaction that goes on inserting takes the turn of nobody else", arguments: ["marketing", "otp"])
    func goesOn(category: String) async throws {
        let sequence = category == "otp" ? "announced_urgently_at" : "announced_at"
        try await listening { queue, ear in
            var other = ear
            try await queue.admin.transaction { open in
                try await open.run(script: Self.insert(category))
                try await queue.run(Self.announced(sequence, "1 second"))
                for _ in 1...3 { try await open.run(script: Self.insert(category)) }
                #expect(try await other.hears(Self.insert(category)))
            }
        }
    }

    @Test("what is urgent is announced although something else was announced this moment")
    func urgent() async throws {
        try await listening { queue, ear in
            try await queue.run(Self.announced("announced_urgently_at", "1 second"))
            #expect(try await ear.hears(Self.announced("announced_at", "0") + "; " + Self.insert("alert")))
        }
    }

    @Test("an announcement of a time to come, made before the clock was set back, keeps nothing silent")
    func clockSetBack() async throws {
        try await listening { queue, ear in
            try await queue.run(Self.announced("announced_at", "-1 hour"))
            #expect(try await ear.hears(Self.insert("marketing")))
        }
    }

    @Test(
        "of many in a row one in 50 ms is announced, of urgent ones one in 2 ms", arguments: [(3, 50), (0, 2)])
    func thinned(priority: Int, milliseconds: Int) async throws {
        try await TestQueue.with { queue in
            let sequence = priority == 0 ? "announced_urgently_at" : "announced_at"
            try await queue.run(
                """
                CREATE TABLE public.made (n integer, span integer);
                DO $$
                DECLARE
                    began constant timestamptz := clock_timestamp();
                    made integer := 0;
                    before bigint;
                    after bigint;
                BEGIN
                    FOR i IN 1 .. 3000 LOOP
                        SELECT last_value INTO before FROM outrider.\(sequence);
                        PERFORM outrider.announce(\(priority));
                        SELECT last_value INTO after FROM outrider.\(sequence);
                        made := made + (after <> before)::integer;
                    END LOOP;
                    INSERT INTO public.made VALUES (made, extract(epoch from clock_timestamp() - began) * 1000 + 1);
                END $$
                """)
            let rows = try await queue.admin.fetch(Statement(name: "test.made", sql: "SELECT n, span FROM public.made"))
            let (made, span) = (try rows[0].int("n"), try rows[0].int("span"))
            #expect(made >= 1 && made <= span / (milliseconds + 1) + 1)
        }
    }
}

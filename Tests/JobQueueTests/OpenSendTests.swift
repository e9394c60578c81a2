import Delivery
import JobQueue
import Postgres
import Testing

@Suite("One at a time of what a listing cannot tell apart", .timeLimit(.minutes(5)))
struct OpenSendTests {
    private func insert(_ queue: TestQueue, _ values: String..., columns: String = "channel, address, body, category")
        async throws
    {
        let rows = values.map { "(\($0), 'transactional')" }.joined(separator: ", ")
        try await queue.run("INSERT INTO outrider.jobs (\(columns)) VALUES \(rows)")
    }

    private func makeDue(_ queue: TestQueue) async throws {
        try await queue.run("UPDATE outrider.due SET at = clock_timestamp() - interval '1 second'")
    }

    /// What a worker records about a claimed job.
    private func record(
        _ queue: TestQueue, _ job: ClaimedJob, _ answer: JobEvent.Answer, settles: Bool
    ) async throws {
        let send = OpenSend(key: job.sendKey, jobID: job.id, generation: job.wake.generation)
        let answer = event(.answered(answer), job.id, generation: job.wake.generation)
        try await queue.store.record(
            [Record(events: [answer], settled: settles ? send : nil)], worker: "w1", doneLeases: [])
    }

    @Test("the same text to the same number waits until the first is answered, in one claim as in two")
    func sameText() async throws {
        try await TestQueue.with { queue in
            try await insert(queue, "'sms', '+15550000001', 'Hi'", "'sms', '+15550000001', 'Hi'")
            let first = try #require(try await queue.claim().jobs.first)
            #expect(first.id == 1)
            #expect(
                try await queue.texts("SELECT concat_ws(' ', job_id, reason, lane, at > now()) AS v FROM outrider.due")
                    == ["2 dispatch 6 t"])
            try await makeDue(queue)
            #expect(try await queue.claim().jobs.isEmpty)
            try await record(queue, first, .unknown(), settles: false)
            try await makeDue(queue)
            #expect(try await queue.claim().jobs.isEmpty)
            #expect(try await queue.events(of: 2) == [])
            try await record(queue, first, .accepted(providerID: nil), settles: true)
            try await makeDue(queue)
            #expect(try await queue.claim().jobs.map(\.id) == [2])
        }
    }

    @Test("another text, another number and another channel do not wait; calls to one number do, whatever they say")
    func others() async throws {
        try await TestQueue.with { queue in
            try await insert(
                queue, "'sms', '+15550000001', 'Hi'", "'sms', '+15550000001', 'Ho'", "'sms', '+15550000002', 'Hi'")
            #expect(try await queue.claim().jobs.map(\.id) == [1, 2, 3])
            try await queue.run(
                "INSERT INTO outrider.senders (name, channel, address) VALUES ('c', 'voice', '+15550000001')")
            try await insert(queue, "'voice', '+15550000001', 'Hi'", "'voice', '+15550000001', 'Ho'")
            #expect(try await queue.claim(lane: Lane(sender: 2, priority: 2)).jobs.map(\.id) == [4])
        }
    }

    @Test("texts of the same letters and digits wait for each other, as a listing may show them alike")
    func sameLetters() async throws {
        try await TestQueue.with { queue in
            try await insert(
                queue, "'sms', '+15550000001', 'At 15:00?'", "'sms', '+15550000001', 'At 1500!'",
                "'sms', '+15550000001', 'Привет'", "'sms', '+15550000001', 'Пока'", "'sms', '+15550000001', 'at 1500'")
            #expect(try await queue.claim().jobs.map(\.id) == [1, 3, 5])
        }
    }

    @Test("templates that are given the same data may say the same, and wait for each other")
    func sameData() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.templates (name, channel, body)
                VALUES ('code', 'sms', 'Code {{code}}'), ('login', 'sms', 'Code: {{code}}')
                """)
            try await insert(
                queue, "'sms', '+15550000001', 'code', '{\"code\": 1}'",
                "'sms', '+15550000001', 'login', '{\"code\": 1}'",
                columns: "channel, address, template, data, category")
            #expect(try await queue.claim().jobs.map(\.id) == [1])
        }
    }

    @Test("templates tell messages apart by their data")
    func templates() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.templates (name, channel, body) VALUES ('code', 'sms', '{{code}}')")
            let code = { (code: Int) in "'sms', '+15550000001', 'code', '{\"code\": \(code)}'" }
            try await insert(queue, code(1), code(2), code(2), columns: "channel, address, template, data, category")
            #expect(try await queue.claim().jobs.map(\.id) == [1, 2])
        }
    }

    @Test("workers that race for a hundred copies never have two of one on the way, and every copy gets its turn")
    func race() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, category)
                SELECT 'sms', '+1555000000' || n % 5, 'Hi', 'transactional' FROM generate_series(1, 100) n;
                -- Fails when a second intent of one text is taken before the first is answered.
                CREATE TABLE public.on_the_way (address text PRIMARY KEY);
                CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    IF new.kind = 'intent' THEN
                        INSERT INTO public.on_the_way SELECT address FROM outrider.jobs WHERE id = new.job_id;
                    ELSE
                        DELETE FROM public.on_the_way o USING outrider.jobs j WHERE j.id = new.job_id AND o.address = j.address;
                    END IF;
                    RETURN new;
                END $$;
                CREATE TRIGGER watch BEFORE INSERT ON outrider.events FOR EACH ROW EXECUTE FUNCTION public.watch()
                """)
            let deadline = ContinuousClock.now + .seconds(90)
            let sent = try await withThrowingTaskGroup(of: [Int].self) { workers in
                for worker in ["a", "b", "c"] {
                    workers.addTask {
                        var sent: [Int] = []
                        while try await queue.count("outrider.due") > 0 {
                            try #require(ContinuousClock.now < deadline, "every copy gets its turn")
                            try await makeDue(queue)
                            for job in try await queue.claim(limit: 7, worker: worker).jobs {
                                try await record(queue, job, .accepted(providerID: nil), settles: true)
                                sent.append(job.id)
                            }
                        }
                        return sent
                    }
                }
                return try await workers.reduce(into: []) { $0 += $1 }
            }
            #expect(sent.sorted() == Array(1...100))
            #expect(try await queue.count("outrider.open_sends") == 0)
        }
    }

    @Test("a lost intent keeps its place until it is reconciled")
    func lost() async throws {
        try await TestQueue.with { queue in
            try await insert(queue, "'sms', '+15550000001', 'Hi'", "'sms', '+15550000001', 'Hi'")
            try await queue.store.register(worker: "dead", host: "test", processID: 2, version: "test")
            _ = try await queue.claim(worker: "dead")
            try await queue.run(
                "UPDATE outrider.workers SET heartbeat_at = now() - interval '1 hour' WHERE id = 'dead'")
            _ = try await queue.store.rescue(
                worker: "w1", holding: [], deadAfter: .seconds(30), reconcileAfter: .seconds(30))
            try await makeDue(queue)
            #expect(try await queue.claim().jobs.isEmpty)
            let look = try #require(try await queue.wakes().jobs.first { $0.id == 1 })
            let open = OpenSend(key: look.sendKey, jobID: 1, generation: 1)
            try await queue.store.record([Record(settled: open)], worker: "w1", doneLeases: [])
            try await makeDue(queue)
            #expect(try await queue.claim().jobs.map(\.id) == [2])
        }
    }

    @Test("only the attempt itself gives its place up")
    func notMine() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let job = try #require(try await queue.claim().jobs.first)
            let late = OpenSend(key: job.sendKey, jobID: job.id, generation: 2)
            try await queue.store.record([Record(settled: late)], worker: "w1", doneLeases: [])
            #expect(try await queue.count("outrider.open_sends") == 1)
        }
    }

    @Test("housekeeping closes what was settled without it, never what is in doubt")
    func housekeeping() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(4)
            let jobs = try await queue.claim().jobs
            let answers: [JobEvent.Answer] = [.accepted(providerID: nil), .unknown(), .lost()]
            for (job, answer) in zip(jobs, answers) {
                try await record(queue, job, answer, settles: false)
            }
            try await queue.store.keepHouse()
            #expect(try await queue.count("outrider.open_sends") == 4)
            try await queue.run("UPDATE outrider.open_sends SET since = since - interval '3 minutes'")
            try await queue.store.keepHouse()
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["2", "3", "4"])
            try await queue.run("SELECT outrider.cancel(2)")
            try await queue.store.keepHouse()
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["3", "4"])
        }
    }

    @Test("a message in a listing is taken for one attempt only, and never when an answer gave it to another")
    func adoption() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(12)
            let first = event(.answered(.accepted(providerID: "SM1")))
            try await queue.store.record([Record(events: [first])], worker: "w1", doneLeases: [])
            #expect(try await !queue.store.adopt("SM1", job: 2, generation: 1))
            #expect(try await queue.store.adopt("SM1", job: 1, generation: 1))
            let winners = try await withThrowingTaskGroup(of: Int?.self) { finders in
                for job in 2...12 {
                    finders.addTask { try await queue.store.adopt("SM2", job: job, generation: 1) ? job : nil }
                }
                return try await finders.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            #expect(try await queue.store.adopt("SM2", job: winner, generation: 1))
            #expect(try await !queue.store.adopt("SM2", job: winner, generation: 2))
        }
    }

    @Test("an attempt that was given up takes no message: what a listing shows may be its repeat")
    func givenUp() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let next = event(.decided(.resend, step: nil))
            try await queue.store.record([Record(events: [next])], worker: "w1", doneLeases: [])
            #expect(try await !queue.store.adopt("SM1", job: 1, generation: 1))
            #expect(try await queue.store.adopt("SM1", job: 1, generation: 2))
            let ended = event(.ended(.canceled), 2, generation: 0)
            try await queue.store.record([Record(events: [ended])], worker: "w1", doneLeases: [])
            #expect(try await !queue.store.adopt("SM2", job: 2, generation: 1))
        }
    }
}

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

    /// What a worker records about a job that it took.
    private func record(
        _ queue: TestQueue, _ job: TakenJob, _ answer: JobEvent.Answer, settles: Bool
    ) async throws {
        let send = OpenSend(key: job.sendKey, jobID: job.id, generation: job.generation)
        let answer = event(.answered(answer), job.id, generation: job.generation)
        try await queue.store.record(
            [Record(events: [answer], settled: settles ? send : nil)], worker: "w1", doneLeases: [])
    }

    @Test("the same text to the same number waits until the first is answered, in one take as in two")
    func sameText() async throws {
        try await TestQueue.with { queue in
            try await insert(queue, "'sms', '+15550000001', 'Hi'", "'sms', '+15550000001', 'Hi'")
            let first = try #require(try await queue.take().jobs.first)
            #expect(first.id == 1)
            #expect(try await queue.dueRows("job_id, reason, at > now()") == ["2 dispatch t send/2/1"])
            try await queue.makeDue()
            #expect(try await queue.take().jobs.isEmpty)
            try await record(queue, first, .unknown(), settles: false)
            try await queue.makeDue()
            #expect(try await queue.take().jobs.isEmpty)
            #expect(try await queue.events(of: 2) == ["1 deferred 0 open_send"])
            #expect(
                try await queue.texts("SELECT event || '; ' || detail AS v FROM outrider.timeline(2) WHERE attempt > 0")
                    == [
                        "deferred: open_send; it waits for another message to this person that looks the same and is not accounted for yet"
                    ])
            try await record(queue, first, .accepted(providerID: nil), settles: true)
            try await queue.makeDue()
            #expect(try await queue.take().ids == [2])
        }
    }

    @Test("another text, another number and another channel do not wait; calls to one number do, whatever they say")
    func others() async throws {
        try await TestQueue.with { queue in
            try await insert(
                queue, "'sms', '+15550000001', 'Hi'", "'sms', '+15550000001', 'Ho'", "'sms', '+15550000002', 'Hi'")
            #expect(try await queue.take().ids == [1, 2, 3])
            try await queue.run(
                "INSERT INTO outrider.senders (name, channel, address) VALUES ('c', 'voice', '+15550000001')")
            try await insert(queue, "'voice', '+15550000001', 'Hi'", "'voice', '+15550000001', 'Ho'")
            #expect(try await queue.take(of: queue.lane(sender: 2)).ids == [4])
        }
    }

    @Test("texts of the same letters and digits wait for each other, as a listing may show them alike")
    func sameLetters() async throws {
        try await TestQueue.with { queue in
            try await insert(
                queue, "'sms', '+15550000001', 'At 15:00?'", "'sms', '+15550000001', 'At 1500!'",
                "'sms', '+15550000001', 'Привет'", "'sms', '+15550000001', 'Пока'", "'sms', '+15550000001', 'at 1500'")
            #expect(try await queue.take().ids == [1, 3, 5])
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
            #expect(try await queue.take().ids == [1])
        }
    }

    @Test("templates tell messages apart by their data")
    func templates() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.templates (name, channel, body) VALUES ('code', 'sms', '{{code}}')")
            let code = { (code: Int) in "'sms', '+15550000001', 'code', '{\"code\": \(code)}'" }
            try await insert(queue, code(1), code(2), code(2), columns: "channel, address, template, data, category")
            #expect(try await queue.take().ids == [1, 2])
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
                    ELSIF new.kind = 'answer' THEN
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
                            try await queue.makeDue()
                            for job in try await queue.take(7, worker: worker).jobs {
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
            _ = try await queue.take(worker: "dead")
            try await queue.run(
                "UPDATE outrider.workers SET heartbeat_at = now() - interval '1 hour' WHERE id = 'dead'")
            _ = try await queue.store.rescue(
                worker: "w1", holding: [], deadAfter: .seconds(30), reconcileAfter: .seconds(30))
            try await queue.makeDue()
            #expect(try await queue.take().jobs.isEmpty)
            let look = try #require(try await queue.looks().first { $0.id == 1 })
            let open = OpenSend(key: look.sendKey, jobID: 1, generation: 1)
            try await queue.store.record([Record(settled: open)], worker: "w1", doneLeases: [])
            try await queue.makeDue()
            #expect(try await queue.take().ids == [2])
        }
    }

    @Test("only the attempt itself gives its place up")
    func notMine() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let job = try #require(try await queue.take().jobs.first)
            let late = OpenSend(key: job.sendKey, jobID: job.id, generation: 2)
            try await queue.store.record([Record(settled: late)], worker: "w1", doneLeases: [])
            #expect(try await queue.count("outrider.open_sends") == 1)
        }
    }

    @Test("housekeeping closes what was settled without it, never what is in doubt")
    func housekeeping() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(4)
            let jobs = try await queue.take().jobs
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
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["2", "3", "4"])
            try await queue.run("UPDATE outrider.open_sends SET since = since - interval '5 minutes'")
            try await queue.store.keepHouse()
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["3", "4"])
        }
    }

    @Test("what was given up stays as long as a send is open that could take its message")
    func guarded() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(category: "otp")
            try await queue.addJobs(category: "alert")
            let first = try #require(try await queue.take(of: queue.lane(priority: 0)).jobs.first)
            let second = try #require(try await queue.take(of: queue.lane(priority: 1)).jobs.first)
            let given = OpenSend(key: first.sendKey, jobID: 1, generation: 1, isGivenUp: true)
            let next = event(.decided(.resend, step: 0))
            try await queue.store.record([Record(events: [next], settled: given)], worker: "w1", doneLeases: [])
            try await queue.run("UPDATE outrider.open_sends SET since = since - interval '1 hour'")
            try await queue.store.keepHouse()
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["1", "2"])
            try await record(queue, second, .accepted(providerID: "SM1"), settles: true)
            try await queue.store.keepHouse()
            #expect(try await queue.count("outrider.open_sends") == 0)
        }
    }

    @Test("a message in a listing is taken for one attempt only, and never when an answer gave it to another")
    func adoption() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(12)
            let first = event(.answered(.accepted(providerID: "SM1")))
            try await queue.store.record([Record(events: [first])], worker: "w1", doneLeases: [])
            #expect(try await queue.adopt("SM1", job: 2, generation: 1) == .anothers)
            #expect(try await queue.adopt("SM1", job: 1, generation: 1) == .ours)
            let winners = try await withThrowingTaskGroup(of: Int?.self) { finders in
                for job in 2...12 {
                    finders.addTask { try await queue.adopt("SM2", job: job, generation: 1) == .ours ? job : nil }
                }
                return try await finders.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            #expect(try await queue.adopt("SM2", job: winner, generation: 1) == .ours)
            #expect(try await queue.adopt("SM2", job: winner, generation: 2) == .anothers)
        }
    }

    @Test("an attempt that was given up takes no message: what a listing shows may be its repeat")
    func givenUp() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let next = event(.decided(.resend, step: nil))
            try await queue.store.record([Record(events: [next])], worker: "w1", doneLeases: [])
            #expect(try await queue.adopt("SM1", job: 1, generation: 1) == .anothers)
            #expect(try await queue.adopt("SM1", job: 1, generation: 2) == .ours)
            let ended = event(.ended(.canceled), 2, generation: 0)
            try await queue.store.record([Record(events: [ended])], worker: "w1", doneLeases: [])
            #expect(try await queue.adopt("SM2", job: 2, generation: 1) == .anothers)
        }
    }

    @Test("who is patient for a while only goes beside after that, marked; its turn comes soon after its patience ends")
    func patience() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(category: "otp")
            try await queue.addJobs(category: "otp")
            let lane = try await queue.lane(priority: 0)
            #expect(try await queue.take(of: lane).ids == [1])
            #expect(
                try await queue.dueRows("job_id, at > now() + interval '900 ms', at < now() + interval '5.2 s'")
                    == ["2 t t send/0/1"])
            try await queue.makeDue()
            #expect(try await queue.take(of: lane).jobs.isEmpty)
            try await queue.makeDue()
            try await queue.run("UPDATE outrider.open_sends SET since = since - interval '5 seconds'")
            #expect(try await queue.take(of: lane).ids == [2])
            #expect(try await queue.events(of: 2) == ["1 deferred 0 open_send", "1 intent taken beside"])
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.open_sends ORDER BY 1") == ["1", "2"])
        }
    }

    @Test("nobody waits for a message of another tenant, nor a one-time password for an offer")
    func apart() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (tenant, channel, address, body, category, priority) VALUES
                    ('default', 'sms', '+15550000001', 'Hi', 'marketing', 2), ('default', 'sms', '+15550000001', 'Hi', 'otp', 2),
                    ('acme', 'sms', '+15550000001', 'Hi', 'otp', 2), ('acme', 'sms', '+15550000001', 'Hi', 'otp', 2)
                """)
            #expect(try await queue.take().ids == [1, 2, 3])
        }
    }

    @Test("the longer it takes the later those that wait are looked at again, ten seconds at most")
    func backoff() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.addJobs()
            #expect(try await queue.take().ids == [1])
            for (age, range) in [("20 seconds", ("4.5", "5.5")), ("10 minutes", ("9.5", "10.5"))] {
                try await queue.makeDue()
                try await queue.run("UPDATE outrider.open_sends SET since = now() - interval '\(age)'")
                #expect(try await queue.take().jobs.isEmpty)
                let (least, most) = range
                #expect(
                    try await queue.dueRows(
                        "at BETWEEN now() + interval '\(least) s' AND now() + interval '\(most) s'") == ["t send/2/1"])
            }
        }
    }
}

extension TestQueue {
    /// For a message that nothing else looks like.
    fileprivate func adopt(_ id: String, job: Int, generation: Int) async throws -> Ownership {
        let key = SendKey(tenant: "default", category: .otp, channel: .voice, address: id, text: "")
        let alone = LookAlikes(of: key, begunAt: Instant(microseconds: 0), in: Sighting())
        return try await store.adopt(id, job: job, generation: generation, tenant: "default", unlessOpen: alone)
    }
}

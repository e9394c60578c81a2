import JobQueue
import Testing

@Suite("A take whose answer is lost", .timeLimit(.minutes(5)))
struct LostTakeTests {
    @Test("its intents were never begun: they count as not sent and are tried again at once, by no listing")
    func lost() async throws {
        var harness = try await Harness()
        harness.store = ForgetfulStore(JobStore(pool: harness.pool), losing: 2)
        let jobs = [
            try await harness.insert("channel, address, body", "'sms', '+48600000095', 'x'"),
            try await harness.insert("channel, address, body", "'sms', '+48600000096', 'x'"),
        ]
        let running = harness
        try await running.working {
            try await running.eventually("both are taken") {
                try await running.query(
                    "select from outrider.events where kind = 'answer' and status = 'accepted'"
                ).count == 2
            }
        }
        #expect(Set(running.provider.sent.map(\.jobID)) == Set(jobs) && running.provider.sent.count == 2)
        for job in jobs {
            let story = try await running.story(of: job)
            #expect(!story.contains("answer/lost"))
        }
        let unsent = try await running.query(
            "select from outrider.events where kind = 'answer' and status = 'not_sent' and reason like '%nobody began it'"
        )
        #expect(!unsent.isEmpty)
    }
}

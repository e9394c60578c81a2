import Delivery
import Inbox
import Postgres
import Providers
import Testing
import Worker

@Suite("A fact has the same consequences by whatever door it comes", .timeLimit(.minutes(5)))
struct DoorTests {
    enum Door: CaseIterable {
        case answer, webhook, poll, listing
    }

    /// A provider's code, with what the table of error codes makes of it.
    struct Fact: Sendable, CustomTestStringConvertible {
        var code: String
        var suppressed: [String] = []
        var isPaused = false

        var testDescription: String { code }
    }

    static let facts = [
        Fact(code: "21610", suppressed: ["sms", "voice", "whatsapp"]),
        Fact(code: "30002", isPaused: true),
        // One of them says nothing of the sender.
        Fact(code: "30034"),
        Fact(code: "21606"),
        Fact(code: "30003"),
    ]

    @Test("for the address and for the sender", arguments: Door.allCases, facts)
    func table(_ door: Door, _ fact: Fact) async throws {
        let harness = try await Harness { $0.timing.firstPoll = door == .poll ? .milliseconds(50) : nil }
        if door == .answer {
            let refusal = SendReading.refused(
                code: fact.code, class: nil, defaultClass: .content, httpStatus: 400, retryAfter: nil)
            harness.provider.answer(.sms, refusal)
        }
        if door == .listing {
            harness.provider.answer(.sms, .unknown(reason: "reset"))
            harness.provider.list(.found(providerID: "SMlisted", receipts: [receipt(fact.code)]))
        }
        let job = try await harness.insert(
            "channel, address, body, category", "'sms', '+48600000091', 'x', 'alert'")
        if door == .poll { harness.provider.tell("SM\(job)-1", .facts([receipt(fact.code)])) }
        try await harness.working {
            if door == .webhook { try await callBack(harness, job, fact.code) }
            try await harness.eventually("the code is recorded") {
                try await harness.story(of: job).contains { $0.hasSuffix("/\(fact.code)") }
            }
        }
        let suppressed = try await harness.query(
            "select channel from outrider.suppressions where address = '+48600000091' order by channel")
        #expect(try suppressed.map { try $0.string("channel") } == fact.suppressed)
        let paused = try await harness.query(
            "select name from outrider.senders where paused_until > clock_timestamp() and paused_reason like '%\(fact.code)%'"
        )
        #expect(try paused.map { try $0.string("name") } == (fact.isPaused ? ["text"] : []))
    }

    private func receipt(_ code: String) -> Receipt {
        Receipt(
            status: "failed \(code)", fact: .failed, code: code, codeTable: .twilio, defaultClass: .unreachable,
            providerID: "SM1")
    }

    private func callBack(_ harness: Harness, _ job: Int, _ code: String) async throws {
        try await harness.eventually("it is sent") { harness.provider.sent.contains { $0.jobID == job } }
        let token = try #require(harness.provider.sent.first).token
        let word = ReceiptArrival(
            jobID: job, generation: 1, token: token, status: "failed \(code)", provider: "twilio", code: code,
            defaultClass: .unreachable, needsDecision: true)
        #expect(try await ReceiptStore(harness.pool).store([.receipt(word)]) == [.new])
    }

    @Test("news of an earlier step concerns that step's address and sender, not those of the step the job is at")
    func earlierStep() async throws {
        let harness = try await Harness {
            $0.timing.firstPoll = .milliseconds(50)
            $0.timing.pollsMail = true
        }
        try await harness.query(
            """
            select outrider.save_ladder('on', '[{"channel": "sms", "wait_seconds": 5},
                {"channel": "email", "wait_seconds": 3600}]')
            """)
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, subject, category",
            "'notify', 'on', '+48600000092', 'k@example.com', 'x', 'y', 'alert'")
        try await harness.working {
            try await harness.eventually("the mail is asked about") {
                harness.provider.asked.contains("SM\(job)-2")
            }
            harness.provider.tell("SM\(job)-1", .facts([receipt("21610")]))
            try await harness.eventually("the number is suppressed") {
                try await harness.query("select from outrider.suppressions").count == 3
            }
        }
        let addresses = try await harness.query("select distinct address from outrider.suppressions")
        #expect(try addresses.map { try $0.string("address") } == ["+48600000092"])
    }
}

import Delivery
import Providers
import Testing

private let ours = #""outrider_job":"42","outrider_generation":"3","outrider_token":"t""#

private func event(_ members: String, id: String = "Xj5L.recvd-85abf8d92c-3qfgp-2.1") throws -> MailEvent {
    let json = #"[{"email":"ann@example.com","timestamp":1700000000,"sg_message_id":"\#(id)",\#(ours),\#(members)}]"#
    let events = try SendGridWebhooks.read(body: Array(json.utf8))
    return try #require(events.first)
}

@Suite("SendGrid's events are read one by one")
struct SendGridWebhookTests {
    @Test(
        "what cannot be stored names no attempt, and costs no other event",
        arguments: [
            #""outrider_job":"42","outrider_generation":"0","outrider_token":"t""#,
            #""outrider_job":"-1","outrider_generation":"1","outrider_token":"t""#,
            #""outrider_job":"42","outrider_generation":"1","outrider_token":"t\u0000""#,
            #""outrider_job":"42","outrider_generation":"1","outrider_token":"""#,
        ])
    func unfit(members: String) throws {
        let sound = #"{"event":"delivered","email":"ann@example.com",\#(ours)}"#
        let json = #"[{"event":"delivered","email":"ann@example.com","sg_message_id":"a\u0000",\#(members)},\#(sound)]"#
        let events = try SendGridWebhooks.read(body: Array(json.utf8))
        try #require(events.count == 2)
        #expect(events[0].jobID == nil || events[0].generation == nil || events[0].token == nil)
        #expect(events[0].receipt.providerID == nil, "PostgreSQL refuses a zero byte")
        #expect(events[1].jobID == 42 && events[1].token == "t")
    }

    @Test("a number that nobody can hold costs no event", arguments: ["1e999", #"{"a":[-1e400]}"#])
    func odd(number: String) throws {
        let sound = #"{"event":"delivered","email":"ann@example.com"}"#
        let json = #"[\#(sound),{"event":"open","email":"ann@example.com","more":\#(number)},\#(number),\#(sound)]"#
        let events = try SendGridWebhooks.read(body: Array(json.utf8))
        #expect(events.map(\.receipt.status) == ["delivered", "read", "delivered"])
    }

    @Test("a return to a group takes back the departure from that group, and is no departure itself")
    func resubscription() throws {
        #expect(
            try event(#""event":"group_resubscribe","asm_group_id":17"#).resubscription == .groupUnsubscribe(group: 17))
        #expect(try event(#""event":"group_resubscribe""#).resubscription == .groupUnsubscribe(group: nil))
        #expect(try event(#""event":"group_unsubscribe","asm_group_id":17"#).resubscription == nil)
        let log = #"{"events":[{"event":"group_resubscribe","asm_group_id":17,"sg_message_id":"Xj5L.1"}]}"#
        guard case .facts(let receipts) = requests.readMailEvents(reply(200, log)) else {
            Issue.record("the log can be read")
            return
        }
        #expect(receipts.map(\.suppression) == [nil])
    }

    @Test(
        "each kind of event",
        arguments: [
            (#""event":"processed""#, .reached(.sent), "sent", nil),
            (#""event":"deferred","response":"450","attempt":"2""#, .progress, "deferred", nil),
            (#""event":"delivered","response":"250 OK""#, .reached(.delivered), "delivered", nil),
            (#""event":"open""#, .reached(.read), "read", nil),
            (#""event":"open","sg_machine_open":true"#, .progress, "open_by_machine", nil),
            (#""event":"open","sg_machine_open":false"#, .reached(.read), "read", nil),
            (#""event":"click","url":"https://e.example""#, .reached(.read), "read", nil),
            (#""event":"bounce","type":"bounce","status":"5.1.1""#, .failed, "bounce", .bounce),
            (#""event":"bounce","type":"blocked""#, .failed, "blocked", nil),
            (#""event":"bounce""#, .failed, "bounce_of_unknown_type", nil),
            (#""event":"spamreport""#, .progress, "spamreport", .spamReport),
            (#""event":"unsubscribe""#, .progress, "unsubscribe", .unsubscribe),
            (
                #""event":"group_unsubscribe","asm_group_id":17"#, .progress, "group_unsubscribe",
                .groupUnsubscribe(group: 17)
            ),
            (#""event":"group_unsubscribe""#, .progress, "group_unsubscribe", .groupUnsubscribe(group: nil)),
            (#""event":"group_resubscribe","asm_group_id":17"#, .progress, "group_resubscribe", nil),
            (#""event":"brand new","depth":[[{}]]"#, .progress, "brand_new", nil),
        ] as [(String, ReceiptFact, String, SuppressionReason?)])
    func kinds(members: String, fact: ReceiptFact, status: String, suppression: SuppressionReason?) throws {
        let event = try event(members)
        #expect(event.receipt.fact == fact)
        #expect(event.receipt.status == status)
        #expect(event.receipt.suppression == suppression)
        #expect(event.receipt.codeTable == .sendgrid)
        #expect(event.receipt.providerID == "Xj5L", "the id that the send's answer gave")
        #expect(event.jobID == 42 && event.generation == 3 && event.token == "t")
    }

    @Test(
        "a drop is judged by its reason",
        arguments: [
            ("Bounced Address", "dropped:bounced_address", .invalidAddress, .bounce),
            ("Bounced Address\\n", "dropped:bounced_address", .invalidAddress, .bounce),
            ("Unsubscribed Address", "dropped:unsubscribed_address", .optedOut, .unsubscribe),
            ("Spam Reporting Address", "dropped:spam_reporting_address", .optedOut, .spamReport),
            ("Invalid", "dropped:invalid", .invalidAddress, .invalidAddress),
            ("Spam Content", "dropped:spam_content", .content, nil),
            ("Invalid SMTPAPI header", "dropped:invalid_smtpapi_header", .content, nil),
            (
                "Recipient List over Package Quota", "dropped:recipient_list_over_package_quota", .rateLimited, nil
            ),
            ("Duplicate", "dropped:duplicate", .unknown, nil),
            ("Mercury in retrograde", "dropped:mercury_in_retrograde", .unreachable, nil),
        ] as [(String, String, FailureClass, SuppressionReason?)])
    func drops(reason: String, code: String, assumed: FailureClass, suppression: SuppressionReason?) throws {
        let event = try event(#""event":"dropped","reason":"\#(reason)""#)
        #expect(event.receipt.fact == .failed)
        #expect(event.receipt.code == code)
        #expect(event.receipt.defaultClass == assumed)
        #expect(event.receipt.suppression == suppression)
        #expect(event.receipt.status.utf8.count <= 64)
    }

    @Test("bounces have safe classes without the table")
    func bounces() throws {
        #expect(try event(#""event":"bounce","type":"bounce""#).receipt.defaultClass == .invalidAddress)
        #expect(try event(#""event":"bounce","type":"blocked""#).receipt.defaultClass == .filtered)
        #expect(try event(#""event":"bounce""#).receipt.defaultClass == .unreachable)
    }

    @Test("a late bounce without a message id is found by our arguments")
    func lateBounce() throws {
        let json = #"[{"email":"a@e.example","event":"bounce","type":"bounce",\#(ours)}]"#
        let event = try #require(try SendGridWebhooks.read(body: Array(json.utf8)).first)
        #expect(event.receipt.providerID == nil && event.jobID == 42)
    }

    @Test("a batch keeps its good events whatever stands beside them, and categories may be text or list")
    func batch() throws {
        let json = """
            [{"email":"a@e.example","event":"delivered","category":"one","outrider_job":7,"outrider_generation":1},
             null, 7, "x", [], {}, {"event":7,"email":"a@e.example"}, {"event":"open"},
             {"email":"a\\u0000@e.example","event":"delivered"},
             {"event":"account_status_change","type":"suspended"},
             {"email":"","event":"dropped","reason":"Invalid","category":["one","two"]},
             {"email":"b@e.example","event":"delivered","outrider_job":"x"}]\r\n
            """
        let events = try SendGridWebhooks.read(body: Array(json.utf8))
        #expect(events.map(\.receipt.status) == ["delivered", "dropped invalid", "delivered"])
        #expect(events.map(\.jobID) == [7, nil, nil])
        #expect(events.map(\.email) == ["a@e.example", "", "b@e.example"])
    }

    @Test("what is no batch is refused", arguments: ["", "{}", "null", "[", "\u{FEFF}x", "[{]"])
    func junk(body: String) {
        #expect(throws: WebhookError.malformedBody) { try SendGridWebhooks.read(body: Array(body.utf8)) }
    }

    @Test("bytes that are not UTF-8, and depth without end, are refused")
    func hostile() {
        #expect(throws: WebhookError.malformedBody) {
            try SendGridWebhooks.read(body: [0x5B, 0x22, 0xFF, 0x22, 0x5D, 0x00])
        }
        let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: WebhookError.malformedBody) { try SendGridWebhooks.read(body: deep) }
    }

    @Test("a batch is bounded")
    func bound() throws {
        let json = Array(#"[{"email":"","event":"open"},{"email":"","event":"open"}]"#.utf8)
        #expect(try SendGridWebhooks.read(body: json, limit: 2).count == 2)
        #expect(throws: WebhookError.tooManyEvents(limit: 1)) { try SendGridWebhooks.read(body: json, limit: 1) }
    }

    @Test("an event's description shows no address")
    func redaction() throws {
        let event = try event(#""event":"open""#)
        #expect(!"\(event)".contains("ann@"))
        #expect(!String(reflecting: event).contains("ann@"))
    }
}

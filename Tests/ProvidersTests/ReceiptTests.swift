import Delivery
import Providers
import Signing
import Testing

private let query: FormParameters = ["job": "42", "generation": "3", "token": "t"]

private func message(_ status: String, _ code: String? = nil) throws -> Receipt {
    var form: FormParameters = ["MessageSid": messageSID, "MessageStatus": status]
    if let code { form.append("ErrorCode", code) }
    return try TwilioWebhooks.readStatus(form: form, query: query).receipt
}

private func call(_ status: String, by answeredBy: String? = nil, _ code: String? = nil) throws -> Receipt {
    var form: FormParameters = ["CallSid": callSID, "CallStatus": status]
    if let answeredBy { form.append("AnsweredBy", answeredBy) }
    if let code { form.append("ErrorCode", code) }
    return try TwilioWebhooks.readVoice(form: form, query: query).receipt
}

@Suite("A status becomes one receipt")
struct ReceiptTests {
    @Test(
        "of a message, for every status that Twilio documents",
        arguments: [
            ("accepted", .progress, "accepted"), ("scheduled", .progress, "scheduled"), ("queued", .progress, "queued"),
            ("sending", .progress, "sending"), ("sent", .reached(.sent), "sent"),
            ("partially_delivered", .reached(.sent), "sent"), ("delivered", .reached(.delivered), "delivered"),
            ("read", .reached(.read), "read"), ("undelivered", .failed, "undelivered"), ("failed", .failed, "failed"),
            ("canceled", .failed, "canceled"), ("receiving", .progress, "receiving"),
            ("received", .progress, "received"), ("Brand New!", .progress, "brand_new_"),
        ] as [(String, ReceiptFact, String)])
    func messageStatus(status: String, fact: ReceiptFact, key: String) throws {
        let receipt = try message(status)
        #expect(receipt.fact == fact)
        #expect(receipt.status == key)
        #expect(receipt.codeTable == .twilio)
        #expect(receipt.providerID == messageSID)
        #expect(receipt.failureClass == nil, "the table decides")
    }

    @Test(
        "of a failed message, with the code in its key and a class that is safe without the table",
        arguments: ["failed", "undelivered"],
        [
            ("30003", FailureClass.unreachable), ("30007", .unreachable), ("63016", .unreachable),
            ("11200", .configuration),
            ("20003", .configuration), ("21610", .content), ("99999", .unreachable),
        ])
    func codes(status: String, row: (code: String, assumed: FailureClass)) throws {
        let receipt = try message(status, row.code)
        #expect(receipt.status == "\(status) \(row.code)")
        #expect(receipt.code == row.code)
        #expect(receipt.defaultClass == row.assumed)
        #expect(receipt.event(tableClass: .filtered, retryAfter: nil).fact == .failed(.filtered))
        #expect(receipt.event(tableClass: nil, retryAfter: nil).fact == .failed(row.assumed))
        #expect(receipt.needsDecision)
    }

    @Test("a code that is no code is none", arguments: ["", "0", "-1", "drop table", "1e9", "99999999999999999999"])
    func junkCode(code: String) throws {
        let receipt = try message("failed", code)
        #expect(receipt.code == nil && receipt.status == "failed" && receipt.defaultClass == .unreachable)
    }

    @Test(
        "of a call, by status and by who answered",
        arguments: [
            ("queued", nil, .progress, "queued"), ("initiated", nil, .progress, "initiated"),
            ("ringing", nil, .progress, "ringing"), ("in-progress", nil, .progress, "in-progress"),
            ("in-progress", "human", .progress, "in-progress"),
            ("in-progress", "machine_start", .progress, "in-progress"),
            ("completed", nil, .reached(.answered), "answered"), ("completed", "", .reached(.answered), "answered"),
            ("completed", "human", .reached(.answered), "answered"),
            ("completed", "unknown", .reached(.answered), "answered"),
            ("completed", "machine_start", .reached(.voicemail), "voicemail"),
            ("completed", "machine_end_beep", .reached(.voicemail), "voicemail"),
            ("completed", "machine_end_silence", .reached(.voicemail), "voicemail"),
            ("completed", "machine_end_other", .reached(.voicemail), "voicemail"),
            ("completed", "fax", .reached(.voicemail), "voicemail"), ("busy", nil, .failed, "busy"),
            ("no-answer", nil, .failed, "no-answer"), ("failed", nil, .failed, "failed"),
            ("canceled", nil, .failed, "canceled"),
        ] as [(String, String?, ReceiptFact, String)])
    func callStatus(status: String, answeredBy: String?, fact: ReceiptFact, key: String) throws {
        let receipt = try call(status, by: answeredBy)
        #expect(receipt.fact == fact)
        #expect(receipt.status == key)
        #expect(receipt.codeTable == .twilioVoice)
        #expect(receipt.code == (fact == .failed ? status : nil))
    }

    @Test(
        "of a call that ended before a word was heard: nobody got the text",
        arguments: [
            ("0", false), ("1", false), ("3", false), ("4", true), ("60", true), ("", true), ("x", true),
        ], [nil, "human", "unknown", "machine_start"])
    func hungUp(_ row: (seconds: String, isHeard: Bool), _ answeredBy: String?) throws {
        var form: FormParameters = ["CallSid": callSID, "CallStatus": "completed", "CallDuration": row.seconds]
        if let answeredBy { form.append("AnsweredBy", answeredBy) }
        let receipt = try TwilioWebhooks.readVoice(form: form, query: query).receipt
        let level = answeredBy == "machine_start" ? SuccessLevel.voicemail : .answered
        #expect(receipt.fact == (row.isHeard ? .reached(level) : .failed))
        guard !row.isHeard else { return }
        #expect(receipt.code == "hung-up" && receipt.failureClass == .noAnswer)
    }

    @Test("of a call that nobody answered, with a class that needs no table")
    func unanswered() throws {
        #expect(try call("busy").failureClass == .noAnswer)
        #expect(try call("no-answer").failureClass == .noAnswer)
        #expect(try call("failed").defaultClass == .unreachable)
        let coded = try call("failed", by: nil, "13225")
        #expect(coded.code == "13225" && coded.codeTable == .twilio && coded.status == "failed 13225")
    }

    @Test("progress proves acceptance and needs no decision; word from the handset does")
    func decisions() throws {
        #expect(try message("queued").event(tableClass: nil, retryAfter: nil).fact == .reached(.accepted))
        #expect(try !message("queued").needsDecision)
        #expect(try !message("sent").needsDecision)
        #expect(try message("delivered").needsDecision)
        #expect(try call("completed", by: "machine_start").needsDecision)
    }

    @Test("keys stay short and plain, whatever comes")
    func keys() throws {
        let receipt = try message(String(repeating: "É\n", count: 60))
        #expect(receipt.status.utf8.count <= 64)
        #expect(receipt.status.allSatisfy { $0 == "_" })
    }
}

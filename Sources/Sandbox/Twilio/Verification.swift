import Delivery
import Foundation
import Signing

/// A verification of Verify v2. Pending until the code is checked, cancelled, five checks failed or ten minutes passed.
struct Verification: Sendable {
    enum Status: String, Sendable {
        case pending, approved, canceled
        case exhausted = "max_attempts_reached"
        case expired
    }
    struct Send: Sendable {
        var time: Date
        var channel: String
        var attemptSid: String
    }

    static let sendLimit = 5
    static let checkLimit = 5
    /// Seconds a code lives.
    static let lifetime = 600.0

    var sid: String
    var accountSid: String
    var serviceSid: String
    var to: String
    var channel: String
    var code: String
    var status = Status.pending
    var sends: [Send]
    var checks = 0
    var created: Date
    var updated: Date

    func json(baseURL: String) -> JSON {
        [
            "sid": .string(sid),
            "service_sid": .string(serviceSid),
            "account_sid": .string(accountSid),
            "to": .string(to),
            "channel": .string(channel),
            "status": .string(status.rawValue),
            "valid": .bool(status == .approved),
            "date_created": .string(DateForm.iso8601(created)),
            "date_updated": .string(DateForm.iso8601(updated)),
            "lookup": [:],
            "amount": .null,
            "payee": .null,
            "send_code_attempts": .array(
                sends.map { send in
                    [
                        "time": .string(DateForm.iso8601(send.time)),
                        "channel": .string(send.channel.uppercased()),
                        "attempt_sid": .string(send.attemptSid),
                    ]
                }),
            "sna": .null,
            "url": .string("\(baseURL)/v2/Services/\(serviceSid)/Verifications/\(sid)"),
        ]
    }

    /// The answer to a check.
    var checkJSON: JSON {
        [
            "sid": .string(sid),
            "service_sid": .string(serviceSid),
            "account_sid": .string(accountSid),
            "to": .string(to),
            "channel": .string(channel),
            "status": .string(status.rawValue),
            "valid": .bool(status == .approved),
            "amount": .null,
            "payee": .null,
            "sna_attempts_error_codes": [],
            "date_created": .string(DateForm.iso8601(created)),
            "date_updated": .string(DateForm.iso8601(updated)),
        ]
    }
}

/// A `POST …/Verifications`, read and judged by the rules of the real API.
struct VerificationRequest: Sendable {
    var to: String
    var channel: String
    var customCode: String?

    init(_ form: FormParameters) throws(TwilioError) {
        let channels = ["sms", "call", "email", "whatsapp", "sna", "auto", "rcs"]
        guard let channel = form["Channel"], channels.contains(channel) else {
            throw .badRequest(60200, "Invalid parameter `Channel`: \(form["Channel"] ?? "")")
        }
        let to = form["To"] ?? ""
        let address = channel == "email" ? (MailAddress.isValid(to) ? to : nil) : DialedNumber.normalized(to)
        guard let address else { throw .badRequest(60200, "Invalid parameter `To`: \(OfficialNumbers.masked(to))") }
        customCode = form["CustomCode"].flatMap { $0.isEmpty ? nil : $0 }
        if let customCode, !(4...10).contains(customCode.count) {
            throw .badRequest(60200, "Invalid parameter `CustomCode`")
        }
        (self.to, self.channel) = (address, channel)
    }
}

import Delivery

/// Twilio's words for what became of a message or call, as receipts. Callbacks and polled resources use the same words.
enum TwilioReceipts {
    /// - Parameters:
    ///   - status: a message status (docs: outbound-message-status-in-status-callbacks).
    ///   - errorCode: as text; nil, empty and `0` mean none.
    static func message(status: String, errorCode: String?, sid: String) -> Receipt {
        let status = StatusWord.clean(status)
        switch status {
        case "sent", "partially_delivered":
            // A part of a text is not the text.
            return .reached(.sent, codeTable: .twilio, providerID: sid)
        case "delivered":
            return .reached(.delivered, codeTable: .twilio, providerID: sid)
        case "read":
            return .reached(.read, codeTable: .twilio, providerID: sid)
        case "failed", "undelivered":
            return .failed(status, code: code(errorCode), codeTable: .twilio, providerID: sid)
        case "canceled":
            return .failed(status, code: code(errorCode), assumed: .expired, codeTable: .twilio, providerID: sid)
        default:
            // accepted, scheduled, queued, sending, and words still to come.
            return .progress(status, codeTable: .twilio, providerID: sid)
        }
    }

    /// How long a call must last for its text to have been heard, in seconds: nobody has heard a word before. The detection
    /// waits for a greeting and 1.2 s of silence behind it, then the document pauses for 1 s.
    private static let shortestHearing = 4

    /// - Parameters:
    ///   - status: a call status (docs: voice/api/call-resource).
    ///   - answeredBy: the finding of answering machine detection, where there is one.
    ///   - seconds: how long the call lasted, once it has ended.
    ///   - isAsked: whether Twilio was asked. A callback that tells of an answer comes when the person has heard nothing yet, and
    ///     the one that tells of the end follows. A question comes at the latest when the wait is over, and then a call in
    ///     progress is one that is listened to.
    static func call(
        status: String, answeredBy: String?, errorCode: String?, seconds: Int?, isAsked: Bool, sid: String
    ) -> Receipt {
        let status = StatusWord.clean(status)
        switch status {
        case "completed":
            if let seconds, seconds < shortestHearing { return failedCall("hung-up", known: .noAnswer, sid: sid) }
            return .reached(level(answeredBy) ?? .answered, codeTable: .twilioVoice, providerID: sid)
        case "in-progress":
            // Answered, but by whom is not known before the detection has spoken.
            guard isAsked, let level = level(answeredBy) else {
                return .progress(status, codeTable: .twilioVoice, providerID: sid)
            }
            return .reached(level, codeTable: .twilioVoice, providerID: sid)
        case "busy", "no-answer":
            return failedCall(status, known: .noAnswer, sid: sid)
        case "canceled":
            return failedCall(status, assumed: .expired, sid: sid)
        case "failed":
            guard let code = code(errorCode) else { return failedCall(status, assumed: .unreachable, sid: sid) }
            return .failed(status, code: code, codeTable: .twilio, providerID: sid)
        default:
            // queued, initiated, ringing, and words still to come.
            return .progress(status, codeTable: .twilioVoice, providerID: sid)
        }
    }

    /// The status is its own code.
    private static func failedCall(
        _ status: String, known: FailureClass? = nil, assumed: FailureClass? = nil, sid: String
    ) -> Receipt {
        .failed(
            status, code: status, detail: "", known: known, assumed: assumed, codeTable: .twilioVoice, providerID: sid)
    }

    /// Nil when detection has found nothing, or was not asked. `unknown` is a person until shown otherwise: to a machine
    /// the text was said just the same, and a person must not be called again for it.
    private static func level(_ answeredBy: String?) -> SuccessLevel? {
        switch answeredBy {
        case nil, "": nil
        case let word? where word.hasPrefix("machine") || word == "fax": .voicemail
        default: .answered
        }
    }

    /// A numeric code; Twilio's are five digits.
    private static func code(_ text: String?) -> String? {
        guard let text, let number = Int(text), (1...999_999).contains(number) else { return nil }
        return String(number)
    }
}

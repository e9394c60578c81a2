import Delivery
import Foundation

/// The statuses of a call. `queued → ringing → in-progress → completed`, or an end before the answer.
enum CallStatus: String, Sendable {
    case queued, ringing, completed, busy, failed, canceled
    case inProgress = "in-progress"
    case noAnswer = "no-answer"

    var hasEnded: Bool {
        switch self {
        case .queued, .ringing, .inProgress: false
        case .completed, .busy, .failed, .canceled, .noAnswer: true
        }
    }
}

/// A call as the 2010 API shows it.
struct Call: Sendable {
    var sid: String
    var accountSid: String
    var to: String
    var from: String
    var status = CallStatus.queued
    var answeredBy: String? = nil
    var created: Date
    var updated: Date
    var started: Date? = nil
    var ended: Date? = nil
    /// Seconds of conversation; `nil` until the call has ended.
    var duration: Int? = nil
    var request: CallRequest
    /// Counts the call's callbacks, from 0.
    var sequenceNumber = 0

    var uri: String { "/2010-04-01/Accounts/\(accountSid)/Calls/\(sid)" }

    var json: JSON {
        let subresources = ["events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions"]
        return [
            "account_sid": .string(accountSid),
            "answered_by": .optional(answeredBy),
            "api_version": "2010-04-01",
            "caller_name": .null,
            "date_created": .string(DateForm.rfc2822(created)),
            "date_updated": .string(DateForm.rfc2822(updated)),
            "direction": "outbound-api",
            "duration": .optional(duration.map(String.init)),
            "end_time": .optional(ended.map(DateForm.rfc2822)),
            "forwarded_from": .null,
            "from": .string(from),
            "from_formatted": .string(DialedNumber.national(from)),
            "group_sid": .null,
            "parent_call_sid": .null,
            "phone_number_sid": .null,
            "price": status == .completed ? "-0.01300" : .null,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": .string(sid),
            "start_time": .optional(started.map(DateForm.rfc2822)),
            "status": .string(status.rawValue),
            "subresource_uris": .object(
                subresources.map { name in
                    let resource = name.prefix(1).uppercased() + name.dropFirst()
                    return .init(name: name, value: .string("\(uri)/\(resource).json"))
                }),
            "to": .string(to),
            "to_formatted": .string(DialedNumber.national(to)),
            "trunk_sid": .null,
            "uri": .string(uri + ".json"),
        ]
    }
}

extension Call {
    /// The resource after `event`. Detection shows only when it was asked for.
    mutating func apply(_ event: CallEvent, at now: Date) {
        updated = now
        switch event {
        case .initiated: break
        case .ringing: status = .ringing
        case .answered(let person):
            status = .inProgress
            started = now
            if request.detection != nil, request.asyncDetectionCallback == nil { answeredBy = person }
        case .detected(let person):
            if request.detection != nil { answeredBy = person }
        case .ended(let end, _, let seconds):
            status = end
            ended = now
            duration = seconds
            if started == nil { started = now }
        }
    }
}

/// The fields of what a call posts.
/// Source: https://www.twilio.com/docs/voice/api/call-resource#statuscallback.
enum CallCallback {
    /// A progress event, or the request for a document when `event` is `nil`.
    static func parameters(_ call: Call, _ event: CallEvent?) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = [
            ("AccountSid", call.accountSid), ("ApiVersion", "2010-04-01"), ("CallSid", call.sid),
            ("CallStatus", event == .initiated ? "initiated" : call.status.rawValue), ("Called", call.to),
            ("Caller", call.from), ("Direction", "outbound-api"), ("From", call.from), ("To", call.to),
        ]
        if let person = call.answeredBy { parameters.append(("AnsweredBy", person)) }
        guard let event else { return parameters }
        parameters += [
            ("Timestamp", DateForm.rfc2822(call.updated)), ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", String(call.sequenceNumber)),
        ]
        if case .ended(_, let sipCode, let seconds) = event {
            // `Duration` is billed minutes.
            parameters += [
                ("CallDuration", String(seconds)), ("Duration", String((seconds + 59) / 60)),
                ("SipResponseCode", String(sipCode)),
            ]
        }
        return parameters
    }

    /// What the machine detection beside the call reports.
    static func detection(_ call: Call, answeredBy person: String) -> [(name: String, value: String)] {
        [
            ("AccountSid", call.accountSid), ("AnsweredBy", person), ("CallSid", call.sid),
            ("MachineDetectionDuration", "2000"),
        ]
    }
}

/// The one verb a simulated person reacts to.
enum Gather {
    /// The `action` of the first `<Gather>` in `twiml`, its entities resolved; `nil` when there is none.
    static func action(in twiml: String) -> String? {
        guard let verb = twiml.firstRange(of: "<Gather") else { return nil }
        let tag = twiml[verb.upperBound...].prefix { $0 != ">" }
        guard let attribute = tag.firstRange(of: " action=") else { return nil }
        let value = tag[attribute.upperBound...]
        guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
        return String(value.dropFirst().prefix { $0 != quote })
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&apos;", with: "'").replacing("&amp;", with: "&")
    }
}

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

    var json: JSONValue {
        let subresources = ["events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions"]
        return [
            "account_sid": .string(accountSid),
            "answered_by": .optional(answeredBy),
            "api_version": "2010-04-01",
            "caller_name": nil,
            "date_created": .string(WireDate.rfc2822(created)),
            "date_updated": .string(WireDate.rfc2822(updated)),
            "direction": "outbound-api",
            "duration": .optional(duration.map(String.init)),
            "end_time": .optional(ended.map(WireDate.rfc2822)),
            "forwarded_from": nil,
            "from": .string(from),
            "from_formatted": .string(PhoneNumber.national(from)),
            "group_sid": nil,
            "parent_call_sid": nil,
            "phone_number_sid": nil,
            "price": status == .completed ? "-0.01300" : nil,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": .string(sid),
            "start_time": .optional(started.map(WireDate.rfc2822)),
            "status": .string(status.rawValue),
            "subresource_uris": .object(
                subresources.map { name in
                    let resource = name.prefix(1).uppercased() + name.dropFirst()
                    return .init(name: name, value: .string("\(uri)/\(resource).json"))
                }),
            "to": .string(to),
            "to_formatted": .string(PhoneNumber.national(to)),
            "trunk_sid": nil,
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

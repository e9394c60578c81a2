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
            ("Timestamp", WireDate.rfc2822(call.updated)), ("CallbackSource", "call-progress-events"),
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

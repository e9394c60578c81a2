/// The part of the table of error codes in which a code is found; its raw value is the table's `provider`.
public enum CodeTable: String, Sendable, CaseIterable, Codable {
    case twilio
    /// Call statuses, such as `busy`.
    case twilioVoice = "twilio-voice"
    case sendgrid
}

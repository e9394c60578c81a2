/// The parameters that the providers' own OpenAPI documents name, transcribed: twilio-oai 2.6.7 (twilio_api_v2010) and
/// sendgrid-oai 1.0.0-rc.12 (tsg_mail_v3).
enum DocumentedParameters {
    static let createMessage: Set<String> = [
        "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
        "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType",
        "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "RiskCheck", "From", "FallbackFrom",
        "MessagingServiceSid", "Body", "MediaUrl", "ContentSid",
    ]
    static let createCall: Set<String> = [
        "To", "From", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackEvent",
        "StatusCallbackMethod", "SendDigits", "Timeout", "Record", "RecordingChannels", "RecordingStatusCallback",
        "RecordingStatusCallbackMethod", "SipAuthUsername", "SipAuthPassword", "MachineDetection",
        "MachineDetectionTimeout", "RecordingStatusCallbackEvent", "Trim", "CallerId",
        "MachineDetectionSpeechThreshold",
        "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout", "AsyncAmd", "AsyncAmdStatusCallback",
        "AsyncAmdStatusCallbackMethod", "Byoc", "CallReason", "CallToken", "RecordingTrack", "TimeLimit",
        "ClientNotificationUrl", "Url", "Twiml", "ApplicationSid",
    ]
    /// Those that may stand more than once: arrays in the document.
    static let repeatable: Set<String> = [
        "MediaUrl", "PersistentAction", "StatusCallbackEvent", "RecordingStatusCallbackEvent",
    ]
    static let integers: Set<String> = ["ValidityPeriod", "Attempt", "Timeout", "TimeLimit", "MachineDetectionTimeout"]
    static let listMessages: Set<String> = [
        "To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken",
    ]
    static let listCalls: Set<String> = [
        "To", "From", "ParentCallSid", "Status", "StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<",
        "EndTime>", "PageSize", "Page", "PageToken",
    ]
    static let mail: Set<String> = [
        "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
        "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
        "tracking_settings",
    ]
    static let personalization: Set<String> = [
        "from", "to", "cc", "bcc", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args",
        "send_at",
    ]
}

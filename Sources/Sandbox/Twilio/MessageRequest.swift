import Delivery
import Foundation
import Signing

/// A `POST …/Messages.json`, read and judged by the rules of the real API.
struct MessageRequest: Sendable {
    enum Channel: String, Sendable {
        case sms
        case whatsApp = "whatsapp"
    }

    var channel: Channel
    /// E.164, without the channel prefix.
    var number: String
    /// The sender as the resource shows it; `nil` while a Messaging Service has not chosen one.
    var from: String?
    var serviceSid: String?
    var body: String
    var mediaCount: Int
    var contentSid: String?
    var statusCallback: String?
    /// When a scheduled message is to go out.
    var sendAt: Date?

    /// `To` as the resource shows it.
    var to: String { channel == .whatsApp ? "whatsapp:" + number : number }

    init(_ form: FormParameters, now: Date) throws(TwilioError) {
        (channel, number) = try MessageRequest.recipient(form["To"] ?? "")
        serviceSid = form["MessagingServiceSid"].flatMap { $0.isEmpty ? nil : $0 }
        from = form["From"].flatMap { $0.isEmpty ? nil : $0 }
        body = form["Body"] ?? ""
        contentSid = form["ContentSid"].flatMap { $0.isEmpty ? nil : $0 }
        statusCallback = form["StatusCallback"].flatMap { $0.isEmpty ? nil : $0 }
        let media = form.values(of: "MediaUrl")
        mediaCount = media.count
        sendAt = try MessageRequest.schedule(form, now: now)
        try checkSender()
        try MessageRequest.checkMedia(media)
        try checkContent(variables: form["ContentVariables"])
        try MessageRequest.checkDelivery(form)
    }

    private static func recipient(_ to: String) throws(TwilioError) -> (Channel, String) {
        guard !to.isEmpty else { throw .badRequest(21604, "A 'To' phone number is required.") }
        let isWhatsApp = to.hasPrefix("whatsapp:")
        let address = isWhatsApp ? String(to.dropFirst(9)) : to
        guard !DialedNumber.isShortCode(address) else {
            throw .badRequest(21265, "'To' number cannot be a Short Code: \(OfficialNumbers.masked(address))")
        }
        guard let number = DialedNumber.normalized(address) else {
            throw .badRequest(21211, "Invalid 'To' Phone Number: \(OfficialNumbers.masked(address))")
        }
        return (isWhatsApp ? .whatsApp : .sms, number)
    }

    private mutating func checkSender() throws(TwilioError) {
        if let serviceSid, !Identifier.isSid(serviceSid, "MG") {
            throw .badRequest(21701, "The Messaging Service does not exist")
        }
        guard let sender = from else {
            guard serviceSid != nil else {
                throw .badRequest(21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message")
            }
            return
        }
        let isWhatsApp = sender.hasPrefix("whatsapp:")
        guard isWhatsApp == (channel == .whatsApp) else {
            throw .badRequest(
                63007, "Twilio could not find a Channel with the specified From address")
        }
        let address = isWhatsApp ? String(sender.dropFirst(9)) : sender
        if let number = DialedNumber.normalized(address) {
            from = isWhatsApp ? "whatsapp:" + number : number
            if let refusal = OfficialNumbers.messageSender(number) { throw refusal }
            guard number != self.number else {
                throw .badRequest(21266, "'To' and 'From' number cannot be the same: \(OfficialNumbers.masked(number))")
            }
        } else {
            let isNamed = DialedNumber.isShortCode(address) || DialedNumber.isAlphanumericSender(address)
            guard !isWhatsApp, isNamed else {
                throw .badRequest(21212, "Invalid 'From' Phone Number: \(OfficialNumbers.masked(address))")
            }
        }
    }

    private static func checkMedia(_ media: [String]) throws(TwilioError) {
        guard media.count <= 10 else { throw .badRequest(21623, "Number of media files exceeds allowed limit") }
        guard media.allSatisfy(CallbackAddress.isCallable) else { throw .badRequest(21620, "Invalid media URL(s)") }
    }

    private func checkContent(variables: String?) throws(TwilioError) {
        guard !body.isEmpty || mediaCount > 0 || contentSid != nil else {
            throw .badRequest(21602, "Message body is required.")
        }
        guard body.count <= 1600 else {
            throw .badRequest(21617, "The concatenated message body exceeds the 1600 character limit")
        }
        if let contentSid, !Identifier.isSid(contentSid, "HX") {
            throw .badRequest(21655, "The ContentSid \(contentSid) is Invalid")
        }
        guard let variables, !variables.isEmpty else { return }
        let values = JSON(parsing: Array(variables.utf8))?.members
        guard contentSid != nil, let values, values.allSatisfy({ $0.value.string != nil }) else {
            throw .badRequest(21656, "The ContentVariables Parameter is invalid")
        }
    }

    private static func checkDelivery(_ form: FormParameters) throws(TwilioError) {
        if let url = form["StatusCallback"], !url.isEmpty, !CallbackAddress.isCallable(url) {
            throw .badRequest(21609, "The StatusCallback URL is not a valid URL.")
        }
        if let period = form["ValidityPeriod"], !period.isEmpty {
            guard let seconds = Int(period), (1...36_000).contains(seconds) else {
                throw .badRequest(21624, "The ValidityPeriod is invalid: it must be an integer between 1 and 36000")
            }
        }
    }

    /// The moment a scheduled message goes out. Without a Messaging Service the real API drops the scheduling
    /// parameters and sends at once.
    private static func schedule(_ form: FormParameters, now: Date) throws(TwilioError) -> Date? {
        guard form["ScheduleType"] == "fixed" else { return nil }
        guard form["MessagingServiceSid"]?.isEmpty == false else {
            guard form["From"]?.isEmpty == false else {
                throw .badRequest(35118, "MessagingServiceSid is required to schedule a message")
            }
            return nil
        }
        guard let text = form["SendAt"], !text.isEmpty else { throw .badRequest(35111, "SendAt timestamp is missing") }
        guard let date = DateForm.parse(text) else {
            throw .badRequest(35114, "Scheduling does not support this timestamp")
        }
        let ahead = date.timeIntervalSince(now)
        guard ahead >= 900, ahead <= 3_024_000 else {
            throw .badRequest(35114, "SendAt must be between 900 seconds and 35 days in the future")
        }
        return date
    }
}

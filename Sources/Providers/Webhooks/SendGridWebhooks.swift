import Delivery

/// Reads SendGrid's event webhook, once its signature is verified.
public enum SendGridWebhooks {
    /// The most events taken from one batch.
    public static let defaultLimit = 10_000

    /// The events of a batch, in its order, which means nothing.
    ///
    /// Unknown members and events are passed over; an element that names neither an event nor an address is dropped, for
    /// one odd element must not cost the others.
    /// - Throws: `WebhookError.malformedBody` or `.tooManyEvents`.
    public static func read(body: [UInt8], limit: Int = defaultLimit) throws(WebhookError) -> [MailEvent] {
        guard let elements = JSON(parsing: body)?.array else { throw .malformedBody }
        guard elements.count <= limit else { throw .tooManyEvents(limit: limit) }
        return elements.compactMap(event)
    }

    private static func event(_ element: JSON) -> MailEvent? {
        guard let word = element["event"]?.string, !word.isEmpty, let email = element["email"]?.string,
            email.utf8.count <= 320, !email.utf8.contains(0)
        else { return nil }
        let token = element[MailArguments.token]?.string
        var event = MailEvent(
            jobID: number(MailArguments.job, in: element), generation: number(MailArguments.generation, in: element),
            token: token.flatMap { SendGridID.isPlausible($0) ? $0 : nil },
            receipt: SendGridReport.receipt(of: word, element), email: email,
            at: instant(element["timestamp"]?.wholeNumber))
        event.resubscription = SendGridReport.resubscription(of: word, element)
        return event
    }

    private static func instant(_ seconds: Int?) -> Instant? {
        // Until the year 9999: PostgreSQL takes no later one from us.
        seconds.flatMap { (0..<253_402_300_800).contains($0) ? Instant(microseconds: Int64($0) * 1_000_000) : nil }
    }

    /// Jobs and attempts are numbered from 1.
    private static func number(_ name: String, in element: JSON) -> Int? {
        element[name]?.wholeNumber.flatMap { $0 > 0 ? $0 : nil }
    }
}

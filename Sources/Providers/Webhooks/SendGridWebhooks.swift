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
        guard let elements = JSONValue(parsing: body)?.array else { throw .malformedBody }
        guard elements.count <= limit else { throw .tooManyEvents(limit: limit) }
        return elements.compactMap(event)
    }

    private static func event(_ element: JSONValue) -> MailEvent? {
        guard let word = element["event"]?.string, !word.isEmpty, let email = element["email"]?.string,
            email.utf8.count <= 320, !email.utf8.contains(0)
        else { return nil }
        let job = element[MailArguments.job]?.int64.flatMap { Int(exactly: $0) }
        let generation = element[MailArguments.generation]?.int64.flatMap { Int(exactly: $0) }
        let report = SendGridReport(word, element)
        return MailEvent(
            jobID: job, generation: generation, token: element[MailArguments.token]?.string, receipt: report.receipt,
            email: email, suppression: report.suppression)
    }
}

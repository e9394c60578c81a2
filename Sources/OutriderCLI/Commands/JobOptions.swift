import ArgumentParser
import Delivery
import Postgres
import Signing

/// The columns of outrider.jobs as options. What is left out keeps the table's default; the table checks all of it.
struct JobOptions: ParsableArguments {
    @Option(help: "sms, voice, whatsapp or email.") var channel: String?
    @Option(help: "The recipient on that channel: +15005550010 or ann@example.com.") var address: String?
    @Option(help: "A ladder instead of one channel: standard, urgent, whatsapp_first, or your own.") var ladder: String?
    @Option(help: "The recipient's phone, with --ladder.") var phone: String?
    @Option(help: "The recipient's e-mail address, with --ladder.") var email: String?
    @Option(help: "The text.") var body: String?
    @Option(help: "The subject, for e-mail.") var subject: String?
    @Option(help: "A template's name instead of a text.") var template: String?
    @Option(help: "The template's values: a JSON object.") var data: String?
    @Option(name: .customLong("media-url"), help: "A picture or file to send along; may be repeated.")
    var mediaURLs: [String] = []
    @Option(help: "otp, alert, transactional or marketing.") var category: String?
    @Option(help: "The language, for example en or pt-BR.") var locale: String?
    @Option(help: "The recipient's time zone, for example Europe/Warsaw.") var timeZone: String?
    @Option(help: "Not before this time, for example 2026-12-01T09:00:00+01:00.") var runAt: String?
    @Option(help: "Not after this time.") var expiresAt: String?
    @Option(help: "Seconds to wait for a receipt, without --ladder.") var waitSeconds: Int?
    @Option(help: "0 first to 3 last; by category when left out.") var priority: Int?
    @Option(help: "1 to 200 characters; a second job with the same key is not inserted.") var idempotencyKey: String?
    @Option(help: "Anything of your own: a JSON object, shown in outrider.job_status.") var metadata: String?

    /// As `columns`.
    /// - Parameter sealed: what stands in the place of body, subject and data; nil leaves them as they are.
    func columns(sealed: String?) -> [(name: String, value: Parameter)] {
        var clear = self
        if sealed != nil { (clear.body, clear.subject, clear.data) = (nil, nil, nil) }
        return clear.columns + (sealed.map { [("sealed", .text($0))] } ?? [])
    }

    /// What the job says, sealed.
    /// - Throws: `Failure` naming the rule of the table that it breaks: the table cannot look into what is sealed.
    /// - Returns: nil when there is no key, or nothing to be sealed.
    func sealed(by seal: TextSeal) throws -> String? {
        let words = SealedWords(body: body, subject: subject, dataJSON: data)
        guard !seal.keyIDs.isEmpty, !words.isEmpty else { return nil }
        if let rule = words.brokenRule(on: channel, hasTemplate: template != nil) {
            throw Failure("refused by the rule \(rule)", .refused)
        }
        return words.sealed(by: seal, address: address, phone: phone, email: email)
    }

    /// Only what was given, in the table's order.
    var columns: [(name: String, value: Parameter)] {
        /// Only what was given, in the table's order.
        var columns: [(name: String, value: Parameter)] = [("kind", .text(ladder == nil ? "send" : "notify"))]
        let texts: [(String, String?)] = [
            ("category", category), ("channel", channel), ("address", address), ("ladder", ladder), ("phone", phone),
            ("email", email), ("body", body), ("subject", subject), ("template", template), ("data", data),
            ("locale", locale), ("time_zone", timeZone), ("run_at", runAt), ("expires_at", expiresAt),
            ("idempotency_key", idempotencyKey), ("metadata", metadata),
        ]
        for (name, text) in texts { if let text { columns.append((name, .text(text))) } }
        if !mediaURLs.isEmpty { columns.append(("media_urls", .textArray(mediaURLs))) }
        if let waitSeconds { columns.append(("wait_seconds", .int(waitSeconds))) }
        if let priority { columns.append(("priority", .int(priority))) }
        return columns
    }

    func validate() throws {
        if ladder == nil, channel == nil {
            throw ValidationError("Give --channel and --address, or --ladder with --phone and --email.")
        }
        if ladder != nil, channel != nil {
            throw ValidationError("--ladder has its own channels: leave --channel out.")
        }
    }
}

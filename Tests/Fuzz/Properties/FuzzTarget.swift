/// A part of Outrider that reads what others wrote, and what must hold for every input there is.
///
/// The properties live here, apart from the fuzzer, so that the ordinary tests check them over the corpus too.
public struct FuzzTarget: Sendable {
    /// Lower case and hyphens; also the name of its folder in the corpus.
    public let name: String
    /// One line for `ops/fuzz --list`.
    public let purpose: String
    private let property: @Sendable ([UInt8]) throws(Violation) -> Void

    init(_ name: String, _ purpose: String, _ property: @escaping @Sendable ([UInt8]) throws(Violation) -> Void) {
        self.name = name
        self.purpose = purpose
        self.property = property
    }

    /// - Throws: `Violation` when a property does not hold for `bytes`.
    public func check(_ bytes: [UInt8]) throws(Violation) {
        try property(bytes)
    }

    /// Every target, in the order in which `ops/fuzz` runs them.
    public static let all: [FuzzTarget] = [
        FuzzTarget("form", "form bodies: strict, and the same after writing and reading again", checkForm),
        FuzzTarget("twilio-signature", "X-Twilio-Signature over any path, form and header", checkTwilioSignature),
        FuzzTarget("sendgrid-signature", "SendGrid's signature: no forgery is genuine", checkSendGridSignature),
        FuzzTarget("json", "JSON texts: the same values as Foundation reads, or refused", checkJSON),
        FuzzTarget("sendgrid-events", "batches of mail events", checkSendGridEvents),
        FuzzTarget("twilio-webhooks", "status, voice and inbound webhooks", checkTwilioWebhooks),
        FuzzTarget("addresses", "phone numbers and e-mail addresses, and what logs show of them", checkAddresses),
        FuzzTarget("opt-out", "STOP, START and HELP in inbound messages", checkOptOut),
        FuzzTarget("templates", "templates filled with data: nothing missing, nothing unescaped", checkTemplates),
        FuzzTarget("twiml", "spoken messages: well-formed XML that says just the text", checkTwiML),
        FuzzTarget("cron", "cron expressions: read as written, and the times at which they fire", checkCron),
        FuzzTarget("audience", "people from CSV files: the same as was written, or refused", checkAudience),
        FuzzTarget("segments", "SMS encodings and segments", checkSegments),
        FuzzTarget("events", "rows of events: no column lost, the same history in any order", checkEvents),
        FuzzTarget("decision", "what follows from any facts of a job", checkDecision),
        FuzzTarget("ladder-run", "whole jobs, decided step by step to their end", checkLadderRun),
        FuzzTarget("requests", "what is sent says just what it should, wherever it stands", checkRequests),
        FuzzTarget("listings", "a listing's message is found, and no other one", checkListings),
        FuzzTarget("retry-after", "dates and seconds to wait, read as they were written", checkRetryAfter),
        FuzzTarget("provider-replies", "answers, polls and listings, with Retry-After", checkProviderReplies),
        FuzzTarget("provider-pages", "pages of statuses, of words people wrote, of mails", checkProviderPages),
    ]
}

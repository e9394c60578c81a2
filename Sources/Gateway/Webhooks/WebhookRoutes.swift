import FoundationEssentials
import HTTPTypes
import Hummingbird
import Inbox
import Logging
import Providers
import Synchronization

/// The webhooks: bounded body, signature over the raw bytes, durable, then the answer.
struct WebhookRoutes: Sendable {
    /// The most arrivals handed to the store at once. A batch of mail events may hold more.
    private static let storeLimit = 1_000

    let twilio: TwilioWebhookVerifier
    /// Nil when no key is configured: then nothing can be proven, and every batch is refused.
    let sendGrid: SendGridWebhookVerifier?
    let store: ReceiptStore
    let replies: KeywordReplies
    let missed: MissedWebhooks
    let watch: TroubleWatch
    let metrics: WebhookMetrics
    let logger: Logger

    func add(to router: Router<GatewayContext>) {
        for source in WebhookSource.allCases {
            router.post(RouterPath(source.path)) { request, _ in await answer(request, source) }
        }
    }

    private func answer(_ request: Request, _ source: WebhookSource) async -> Response {
        let start = ContinuousClock.now
        let result = await take(request, source)
        metrics.answered(source, result, after: .now - start)
        log(result, source)
        return response(to: result, source)
    }

    private func take(_ request: Request, _ source: WebhookSource) async -> WebhookResult {
        let mediaType = MediaType(request.headers[.contentType])
        guard source.accepts(mediaType) else { return .wrongType }
        // Nobody may make us hold a body who does not at least pretend to have signed it.
        if let refusal = refusal(request, source) { return .refused(refusal) }
        let body: [UInt8]
        switch await BoundedBody.read(request, limit: source.bodyLimit) {
        case .whole(let bytes): body = bytes
        case .tooLarge: return .tooLarge
        case .cutOff: return .cutOff
        }
        let verdict = verdict(request, source, body)
        guard verdict.isGenuine else { return .refused(verdict) }
        do throws(WebhookError) {
            let query =
                request.uri.string.unicodeScalars.split(separator: "?", maxSplits: 1).dropFirst().first
                .map { String($0) } ?? ""
            let arrivals = try WebhookReading.arrivals(source, mediaType: mediaType, query: query, body: body)
            return await keep(arrivals, source)
        } catch {
            return .unreadable(error)
        }
    }

    private func refusal(_ request: Request, _ source: WebhookSource) -> WebhookVerdict? {
        switch source {
        case .status, .voice, .inbound:
            return twilio.refusal(signatureHeader: request.headers[.twilioSignature])
        case .mail:
            guard let sendGrid else { return .forged }
            return sendGrid.refusal(
                signature: request.headers[.sendGridSignature], timestamp: request.headers[.sendGridTimestamp],
                at: Int(Date.now.timeIntervalSince1970))
        }
    }

    private func verdict(_ request: Request, _ source: WebhookSource, _ body: [UInt8]) -> WebhookVerdict {
        switch source {
        case .status, .voice, .inbound:
            return twilio.verify(
                signatureHeader: request.headers[.twilioSignature], pathAndQuery: request.uri.string,
                contentType: request.headers[.contentType], body: body)
        case .mail:
            guard let sendGrid else { return .forged }
            return sendGrid.verify(
                signature: request.headers[.sendGridSignature], timestamp: request.headers[.sendGridTimestamp],
                body: body)
        }
    }

    private func keep(_ arrivals: [Arrival], _ source: WebhookSource) async -> WebhookResult {
        do throws(ReceiptStoreError) {
            var rest = arrivals[...]
            var reply: String?
            while !rest.isEmpty {
                let part = Array(rest.prefix(Self.storeLimit))
                let fates = try await store.store(part)
                metrics.stored(source, fates)
                if source == .inbound { reply = await replies.reply(to: part, fates) }
                rest = rest.dropFirst(Self.storeLimit)
            }
            watch.wrote(nil)
            return .stored(reply: reply)
        } catch {
            missed.note()
            watch.wrote("a webhook was not stored: \(error)")
            return .unavailable(error)
        }
    }

    private func response(to result: WebhookResult, _ source: WebhookSource) -> Response {
        var headers = HTTPFields()
        switch result {
        case .stored(let reply) where source == .inbound || source == .voice:
            // An empty document says nothing to the person, and nothing more in the call.
            headers[.contentType] = "text/xml; charset=utf-8"
            let document = KeywordReplies.document(reply)
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: document)))
        case .tooLarge, .cutOff:
            headers[.connection] = "close"
        case .unavailable:
            headers[.retryAfter] = "5"
        case .stored, .wrongType, .refused, .unreadable:
            break
        }
        return Response(status: result.status, headers: headers)
    }

    private func log(_ result: WebhookResult, _ source: WebhookSource) {
        let metadata: Logger.Metadata = ["webhook": "\(source.rawValue)", "result": "\(result.word)"]
        switch result {
        case .stored:
            break
        case .wrongType, .tooLarge, .cutOff, .refused:
            logger.info("webhook refused", metadata: metadata)
        case .unreadable(let error):
            logger.warning(
                "genuine webhook cannot be read", metadata: metadata.merging(["error": "\(error)"]) { $1 })
        case .unavailable(let error):
            logger.error(
                "webhook not stored; the provider repeats it for a while, then what it said is looked up",
                metadata: metadata.merging(["error": "\(error)"]) { $1 })
        }
    }
}

extension HTTPField.Name {
    static let twilioSignature = HTTPField.Name("X-Twilio-Signature")!
    static let sendGridSignature = HTTPField.Name(SendGridWebhookVerifier.signatureHeader)!
    static let sendGridTimestamp = HTTPField.Name(SendGridWebhookVerifier.timestampHeader)!
}

/// Reads a request's body up to a limit and never holds more.
enum BoundedBody {
    enum Reading: Sendable {
        case whole([UInt8])
        case tooLarge
        /// The connection broke, or the body is not what its framing said.
        case cutOff
    }

    static func read(_ request: Request, limit: Int) async -> Reading {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { return .tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= limit else { return .tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch {
            return .cutOff
        }
        return .whole(bytes)
    }
}

/// Whether a genuine webhook could not be stored. Twilio repeats one for 15 seconds only, so what it said is looked up.
final class MissedWebhooks: Sendable {
    private let isMissing = Mutex(false)

    func note() { isMissing.withLock { $0 = true } }

    /// Whether there was one since the last call.
    func take() -> Bool {
        isMissing.withLock { missing in
            defer { missing = false }
            return missing
        }
    }
}

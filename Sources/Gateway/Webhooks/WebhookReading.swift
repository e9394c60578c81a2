import Delivery
import Inbox
import Providers
import Signing

/// Turns a genuine webhook into arrivals.
enum WebhookReading {
    static func arrivals(
        _ source: WebhookSource, mediaType: MediaType, query: String, body: [UInt8]
    ) throws(WebhookError) -> [Arrival] {
        switch source {
        case .status:
            let (form, query) = (try form(body, mediaType), try self.query(query))
            return [.receipt(ReceiptArrival(try TwilioWebhooks.readStatus(form: form, query: query)))]
        case .voice:
            let (form, query) = (try form(body, mediaType), try self.query(query))
            return [.receipt(ReceiptArrival(try TwilioWebhooks.readVoice(form: form, query: query)))]
        case .inbound:
            return [.inbound(InboundArrival(try TwilioWebhooks.readInbound(form: try form(body, mediaType))))]
        case .mail:
            return try SendGridWebhooks.read(body: body).flatMap(arrivals)
        }
    }

    private static func arrivals(of event: MailEvent) -> [Arrival] {
        var arrivals: [Arrival] = []
        if let job = event.jobID, let generation = event.generation, let token = event.token {
            arrivals.append(
                .receipt(ReceiptArrival(event.receipt, jobID: job, generation: generation, token: token)))
        } else if event.receipt.providerID != nil {
            arrivals.append(.report(ReceiptArrival(event.receipt, jobID: 0, generation: 0, token: "")))
        }
        if let reason = event.receipt.suppression ?? event.resubscription, !event.email.isEmpty,
            event.email.utf8.count <= 320
        {
            let source = "sendgrid" + (event.receipt.providerID.map { " \($0)" } ?? "")
            let news = SuppressionArrival(
                address: event.email, channel: .email, reach: reason.reach, reason: reason.word, source: source,
                at: event.at)
            arrivals.append(event.resubscription == nil ? .suppression(news) : .resubscription(news))
        }
        return arrivals
    }

    /// The parameters of a form, or of a JSON object whose members are texts.
    private static func form(_ body: [UInt8], _ mediaType: MediaType) throws(WebhookError) -> FormParameters {
        switch mediaType {
        case .json:
            guard case .object(let members) = JSON(parsing: body) else { throw .malformedBody }
            let pairs = members.compactMap { member in member.value.string.map { (name: member.name, value: $0) } }
            guard pairs.count == members.count else { throw .malformedBody }
            return FormParameters(pairs)
        case .form, .other:
            guard let form = try? FormParameters(parsing: body) else { throw .malformedBody }
            return form
        }
    }

    private static func query(_ text: String) throws(WebhookError) -> FormParameters {
        guard let query = try? FormParameters(parsing: Array(text.utf8)) else { throw .malformedField("query") }
        return query
    }
}

extension ReceiptArrival {
    fileprivate init(_ callback: StatusCallback) {
        self.init(
            callback.receipt, jobID: callback.jobID, generation: callback.generation, token: callback.token,
            channel: callback.channel)
    }

    fileprivate init(
        _ receipt: Receipt, jobID: Int, generation: Int, token: String, channel: Channel? = nil
    ) {
        let isFailure = receipt.fact == .failed
        self.init(
            jobID: jobID, generation: generation, token: token, status: receipt.status,
            provider: receipt.codeTable.rawValue, level: receipt.fact.level, code: receipt.code,
            failureClass: isFailure ? receipt.failureClass : nil, defaultClass: isFailure ? receipt.defaultClass : nil,
            providerID: receipt.providerID, channel: channel, needsDecision: receipt.needsDecision)
    }
}

extension ReceiptFact {
    fileprivate var level: SuccessLevel? {
        switch self {
        case .progress, .failed: nil
        case .reached(let level): level
        }
    }
}

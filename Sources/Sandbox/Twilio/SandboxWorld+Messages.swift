import Delivery
import Foundation
import Signing

extension SandboxWorld {
    /// Takes a message, or refuses it as the real API would.
    func accept(message form: FormParameters, path: String) throws -> Acceptance {
        let now = Date()
        let request = try MessageRequest(form, now: now)
        let fates = fates(of: request.number)
        try refuse(request, fates: fates)
        var manner = try strike(path: path, to: request.to, provider: .twilio)
        try apply(request.channel == .sms ? .sms(fates.sms) : .whatsApp(fates.whatsApp), to: request, &manner)

        let initial: MessageStatus =
            request.sendAt != nil ? .scheduled : request.serviceSid != nil ? .accepted : .queued
        let message = Message(
            sid: Identifier.sid(request.mediaCount > 0 ? "MM" : "SM"), accountSid: configuration.accountSid,
            to: request.to, from: request.from, serviceSid: request.serviceSid, body: request.body,
            mediaCount: request.mediaCount, segments: MessageSegments.count(request.body), status: initial,
            created: now, updated: now, statusCallback: request.statusCallback)
        messages.insert(message, sid: message.sid)
        let entry = record(
            request.channel == .sms ? .sms : .whatsapp, sid: message.sid, to: message.to,
            from: message.from ?? message.serviceSid, body: message.body, statusCallback: message.statusCallback,
            fields: form.json)
        var journey = journey(of: message, request: request, fates: fates, now: now)
        journey.disturbance = manner.disturbance
        return Acceptance(entry: entry, reply: message.json, journeys: [journey], manner: manner)
    }

    private func refuse(_ request: MessageRequest, fates: PhoneFates) throws(TwilioError) {
        if PhoneFates.isOfficial(request.number), let refusal = OfficialNumbers.messageRecipient(request.number) {
            throw refusal
        }
        let invalid = TwilioError.badRequest(
            21211, "Invalid 'To' Phone Number: \(OfficialNumbers.masked(request.number))")
        switch request.channel {
        case .whatsApp:
            if fates.whatsApp == .invalid { throw invalid }
        case .sms:
            if fates.sms == .invalid { throw invalid }
            // A service's block covers all its senders.
            let stopped = optOuts[request.number] ?? []
            let isStopped = request.from.map(stopped.contains) ?? !stopped.isEmpty
            guard fates.sms != .optedOut, !isStopped else {
                throw .badRequest(21610, "Attempt to send to unsubscribed recipient")
            }
        }
    }

    /// The part of a fate that shows in the reply.
    private func apply(_ fate: ReplyFate, to request: MessageRequest, _ manner: inout ReplyManner) throws {
        if fate.isThrottled { try throttle(request.channel.rawValue, request.number, provider: .twilio) }
        if fate.isSlow { manner.delay += scaled(3) }
        if fate.isUnknown { manner.mishap = manner.mishap ?? .serverError }
    }

    private func journey(of message: Message, request: MessageRequest, fates: PhoneFates, now: Date) -> Journey {
        var generator = generator(for: message.to)
        let isService = request.serviceSid != nil
        var steps =
            switch request.channel {
            case .sms:
                MessagePlan.steps(sms: fates.sms, isService: isService, reply: fates.reply, using: &generator)
            case .whatsApp:
                MessagePlan.steps(
                    whatsApp: fates.whatsApp, isService: isService, isFreeForm: request.contentSid == nil,
                    windowIsOpen: lastInbound[request.number].map { now.timeIntervalSince($0) < 86_400 } ?? false,
                    reply: fates.reply, using: &generator)
            }
        if let sendAt = request.sendAt {
            steps.insert(Step(delay: sendAt.timeIntervalSince(now), change: .message(.accepted, errorCode: nil)), at: 0)
        }
        return Journey(.message(sid: message.sid), steps: steps, generator: generator)
    }

    /// Cancels a scheduled message or redacts a body.
    func update(message sid: String, form: FormParameters, path: String) throws(TwilioError) -> JSON {
        guard let message = messages[sid] else { throw .notFound(path) }
        if let status = form["Status"] {
            guard status == "canceled" else { throw .badRequest(20001, "Invalid parameter Status") }
            guard message.status == .scheduled else {
                throw TwilioError(status: 409, code: 30409, message: "This message cannot be canceled")
            }
            messages.update(sid) {
                $0.status = .canceled; $0.updated = Date()
            }
        } else if let body = form["Body"] {
            guard body.isEmpty else { throw .badRequest(20001, "Body may only be set to an empty string") }
            messages.update(sid) {
                $0.body = ""; $0.updated = Date()
            }
        }
        return messages[sid]?.json ?? message.json
    }

    func delete(message sid: String, path: String) throws(TwilioError) {
        guard let message = messages[sid] else { throw .notFound(path) }
        guard message.status.isSettled else {
            throw TwilioError(
                status: 409, code: 20009, message: "Cannot delete this resource because delivery has not been completed"
            )
        }
        messages.remove(sid)
    }

    func message(_ sid: String, path: String) throws(TwilioError) -> JSON {
        guard let message = messages[sid] else { throw .notFound(path) }
        return message.json
    }

    func list(messages query: ListQuery) -> JSON {
        query.page(of: messages.newestFirst(recipient: query.to), key: "messages") { message in
            query.matches(from: message.from, date: message.sent)
        } json: {
            $0.json
        }
    }
}

/// The part of a fate that shows in the reply to the request.
enum ReplyFate: Sendable {
    case sms(SMSFate)
    case voice(VoiceFate)
    case whatsApp(WhatsAppFate)
    case email(EmailFate)

    var isThrottled: Bool {
        switch self {
        case .sms(let fate): fate == .throttled
        case .voice(let fate): fate == .throttled
        case .whatsApp(let fate): fate == .throttled
        case .email(let fate): fate == .throttled
        }
    }

    var isSlow: Bool {
        switch self {
        case .sms(let fate): fate == .slow
        case .voice: false
        case .whatsApp(let fate): fate == .slow
        case .email(let fate): fate == .slow
        }
    }

    var isUnknown: Bool {
        switch self {
        case .sms(let fate): fate == .outcomeUnknown
        case .voice(let fate): fate == .outcomeUnknown
        case .whatsApp(let fate): fate == .outcomeUnknown
        case .email(let fate): fate == .outcomeUnknown
        }
    }
}

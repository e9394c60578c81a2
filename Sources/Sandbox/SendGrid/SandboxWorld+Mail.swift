import Delivery
import Foundation

extension SandboxWorld {
    /// Takes a mail, or refuses it as the real API would. A sandboxed one is only judged: `nil`.
    func accept(mail json: JSON, path: String) throws -> Acceptance? {
        let now = Date()
        let request = try MailRequest(json, now: now)
        let first = request.recipients[0].address
        guard !request.isSandboxed else { return nil }
        var manner = try strike(path: path, to: first, provider: .sendGrid)
        for recipient in request.recipients {
            let fate = ReplyFate.email(fate(of: recipient.address))
            if fate.isThrottled { try throttle("email", recipient.address, provider: .sendGrid) }
            if fate.isSlow { manner.delay += scaled(3) }
            if fate.isUnknown { manner.mishap = manner.mishap ?? .serverError }
        }
        let messageID = Identifier.token(22)
        var journeys: [Journey] = []
        for (index, recipient) in request.recipients.enumerated() {
            journeys.append(add(recipient, index: index, of: request, messageID: messageID, now: now, manner: manner))
        }
        let others = request.recipients.dropFirst().map { JSON.string($0.address) }
        let entry = record(
            .email, sid: messageID, to: first, from: request.from, body: request.content, statusCallback: nil,
            fields: [
                "subject": .string(request.recipients[0].subject), "template_id": .optional(request.templateID),
                "custom_args": .object(request.recipients[0].customArgs), "other_recipients": .array(others),
                "categories": .array(request.categories.map(JSON.string)),
            ])
        return Acceptance(entry: entry, reply: nil, messageID: messageID, journeys: journeys, manner: manner)
    }

    private func add(
        _ recipient: MailRequest.Recipient, index: Int, of request: MailRequest, messageID: String, now: Date,
        manner: ReplyManner
    ) -> Journey {
        let mail = Mail(
            sid: "\(messageID).recvd-sandbox-\(index)", messageID: messageID, to: recipient.address,
            from: request.from, subject: recipient.subject, customArgs: recipient.customArgs,
            categories: request.categories, groupID: request.groupID, created: now)
        mails.insert(mail, sid: mail.sid)
        var generator = generator(for: recipient.address)
        var steps = MailPlan.steps(
            fate: fate(of: recipient.address), suppressedBy: suppressedMail[recipient.address], using: &generator)
        if let sendAt = request.sendAt, !steps.isEmpty {
            steps[0].delay += max(0, Double(sendAt) - now.timeIntervalSince1970)
        }
        var journey = Journey(.mail(sid: mail.sid), steps: steps, generator: generator)
        journey.disturbance = manner.disturbance
        return journey
    }

    /// Makes a mail's event and adds it to the next batch.
    func change(mail sid: String, _ event: MailNews, disturbedBy journey: Journey) {
        let now = Date()
        let mail = mails.update(sid) { mail in
            mail.events.append(mail.event(event, at: now))
            if let status = event.status { mail.status = status }
            mail.reason = event.details.first { $0.name == "reason" || $0.name == "response" }?.value.string
        }
        guard let mail else { return }
        if let reason = event.suppression { suppressedMail[mail.to] = reason }
        guard sendGridEventsURL != nil else { return }
        let disturbance = journey.disturbance
        // The journey's own stream, its place in the journey mixed in: a step's draw must not repeat the last one's.
        var generator = journey.generator
        for _ in journey.steps.dropFirst() { _ = generator.next() }
        if Double.random(in: 0..<1, using: &generator) < disturbance.lostFraction {
            callbacksLost += 1
            return
        }
        guard let json = mail.events.last.map(mail.merged) else { return }
        // A batch has no order to keep: out of order means in front of what happened before.
        pendingEvents.insert(json, at: disturbance.reorders ? 0 : pendingEvents.count)
        if disturbance.duplicates { pendingEvents += [json, json] }
        guard !eventsAreScheduled else { return }
        eventsAreScheduled = true
        schedule(.flushEvents, at: .now + scaled(0.5))
    }

    /// The pending events as signed batches of at most 500.
    func flushEvents() -> [Callback] {
        eventsAreScheduled = false
        defer { pendingEvents = [] }
        guard let url = sendGridEventsURL else { return [] }
        return stride(from: 0, to: pendingEvents.count, by: 500).compactMap { start in
            signedBatch(Array(pendingEvents[start..<min(start + 500, pendingEvents.count)]), to: url)
        }
    }

    /// One mail of the log, by the id its events carry.
    func mail(_ id: String) throws(SendGridError) -> JSON {
        guard let mail = mails[id] else { throw SendGridError(status: 404, "Not Found") }
        return mail.detailJSON
    }

    /// The answer of `POST /v3/logs`: the newest mails that pass `query`.
    func list(mails query: MailLogQuery) -> JSON {
        let found = mails.newestFirst(recipient: query.to).lazy.map(\.resource).filter(query.matches)
        return ["messages": .array(found.prefix(query.limit).map(\.logJSON))]
    }
}

import Foundation

extension SandboxWorld {
    /// Starts what follows from an accepted request.
    func begin(_ journeys: [Journey]) {
        for journey in journeys { continueJourney(journey, from: .now) }
    }

    /// Starts the journeys; the first takes its first step at once, and the callback of that step is returned for the
    /// caller to deliver. `nil` when nobody wants to hear of it.
    func beginEarly(_ journeys: [Journey]) -> Callback? {
        begin(Array(journeys.dropFirst()))
        guard let journey = journeys.first else { return nil }
        let callback = advance(journey, due: .now)
        // Mail is told of in batches: this one does not wait to grow.
        return callback ?? flushEvents().first
    }

    /// Lives through everything due at `now`; returns the callbacks to make, at most `limit`.
    func takeDue(_ now: ContinuousClock.Instant, limit: Int) -> [Callback] {
        var callbacks: [Callback] = []
        while callbacks.count < limit, let (due, item) = timetable.popDue(now) {
            switch item {
            case .advance(let journey):
                if let callback = advance(journey, due: due) { callbacks.append(callback) }
            case .post(let callback): callbacks.append(callback)
            case .flushEvents: callbacks += flushEvents()
            }
        }
        return callbacks
    }

    /// Goes one step; the returned callback carries the rest of the journey.
    func advance(_ journey: Journey, due: ContinuousClock.Instant) -> Callback? {
        var rest = journey
        rest.steps = journey.steps.dropFirst()
        guard var callback = apply(journey, due: due) else {
            continueJourney(rest, from: due)
            return nil
        }
        let disturbance = journey.disturbance
        if disturbance.lostFraction > 0,
            Double.random(in: 0..<1, using: &rest.generator) < disturbance.lostFraction
        {
            callbacksLost += 1
            continueJourney(rest, from: due)
            return nil
        }
        if disturbance.reorders, rest.held == nil, !rest.steps.isEmpty {
            // Kept back until a later callback is through.
            rest.held = callback
            continueJourney(rest, from: due)
            return nil
        }
        if disturbance.duplicates {
            for delay in [0.5, 1] { schedule(.post(callback), at: .now + scaled(delay)) }
        }
        callback.journey = rest
        return callback
    }

    /// Takes note of how a callback went and plans what follows.
    func finished(_ callback: Callback, _ reply: CallbackReply) {
        callbacksPosted += 1
        if var journey = callback.journey {
            if let held = journey.held {
                journey.held = nil
                schedule(.post(held), at: .now)
            }
            continueJourney(journey, from: .now)
        }
        if case .document(let callSid) = callback.purpose, case .answered(let status, let body) = reply, status < 300 {
            heard(String(decoding: body, as: UTF8.self), call: callSid)
        }
        guard !reply.isSuccess else { return }
        callbacksFailed += 1
        guard callback.retries.retries(after: reply, attempt: callback.attempt) else { return }
        var next = callback
        next.journey = nil
        next.attempt += 1
        schedule(.post(next), at: .now + scaled(callback.retries.delay(after: callback.attempt)))
    }

    private func continueJourney(_ journey: Journey, from: ContinuousClock.Instant) {
        if let step = journey.steps.first {
            schedule(.advance(journey), at: from + scaled(step.delay))
        } else if let held = journey.held {
            schedule(.post(held), at: .now)
        }
    }

    /// Makes the first step's change; returns the callback that tells of it, when one is wanted.
    private func apply(_ journey: Journey, due: ContinuousClock.Instant) -> Callback? {
        guard let step = journey.steps.first else { return nil }
        switch (journey.resource, step.change) {
        case (.message(let sid), .message(let status, let code)): return change(message: sid, to: status, code)
        case (.message(let sid), .reply(let body)): return reply(to: sid, body: body)
        case (.call(let sid), .call(let event)): return change(call: sid, event)
        case (.mail(let sid), .mail(let event)):
            change(mail: sid, event, disturbedBy: journey)
            return nil
        case (.message, _), (.call, _), (.mail, _): return nil
        }
    }

    private func change(message sid: String, to status: MessageStatus, _ code: Int?) -> Callback? {
        guard let before = messages[sid], before.status != .canceled else { return nil }
        let message = messages.update(sid) { message in
            message.status = status
            message.errorCode = code
            message.updated = Date()
            if status == .sending, message.from == nil {
                // A service picks one of its senders.
                message.from = message.to.hasPrefix("whatsapp:") ? "whatsapp:+15005550006" : "+15005550006"
            }
            if status == .sent { message.sent = message.updated }
        }
        guard let message, let url = message.statusCallback else { return nil }
        return signedForm(MessageCallback.parameters(message), to: url)
    }

    private func reply(to sid: String, body: String) -> Callback? {
        guard let message = messages[sid] else { return nil }
        let isWhatsApp = message.to.hasPrefix("whatsapp:")
        return receive(
            Inbound(
                from: message.to, to: message.from ?? "+15005550006", body: body, isWhatsApp: isWhatsApp,
                serviceSid: message.serviceSid))
    }

    private func change(call sid: String, _ event: CallEvent) -> Callback? {
        guard let before = calls[sid], !before.status.hasEnded else { return nil }
        let call = calls.update(sid) { $0.apply(event, at: Date()) }
        guard let call else { return nil }
        if case .answered = event { openDocument(of: call) }
        if case .detected(let person) = event {
            return call.request.asyncDetectionCallback.map {
                signedForm(CallCallback.detection(call, answeredBy: person), to: $0)
            }
        }
        guard let name = event.subscription, call.request.events.contains(name) else { return nil }
        guard let url = call.request.statusCallback else { return nil }
        calls.update(sid) { $0.sequenceNumber += 1 }
        return signedForm(CallCallback.parameters(call, event), to: url)
    }

    /// The answered phone plays its TwiML: what came inline, or what its URL says.
    private func openDocument(of call: Call) {
        switch call.request.document {
        case .inline(let twiml): heard(twiml, call: call.sid)
        case .application: break
        case .url(let url, let method):
            var fetch = signedForm(CallCallback.parameters(call, nil), to: url, method: method)
            fetch.purpose = .document(callSid: call.sid)
            schedule(.post(fetch), at: .now)
        }
    }

    /// A person who presses a key does so at the first `<Gather>` that says where the digits go.
    private func heard(_ twiml: String, call sid: String) {
        guard let call = calls[sid], fates(of: call.to).voice == .pressesOne else { return }
        guard let action = Gather.action(in: twiml), CallbackAddress.isCallable(action) else { return }
        let parameters = CallCallback.parameters(call, nil) + [("Digits", "1"), ("FinishedOnKey", "")]
        let press = signedForm(parameters, to: action)
        schedule(.post(press), at: .now + scaled(2))
    }
}

import Delivery
import Foundation
import Signing

extension SandboxWorld {
    /// Takes a call, or refuses it as the real API would.
    func accept(call form: FormParameters, path: String) throws -> Acceptance {
        let now = Date()
        let request = try CallRequest(form)
        let fates = fates(of: request.number)
        guard fates.voice != .invalid else {
            throw TwilioError.badRequest(21217, "Phone number does not appear to be valid")
        }
        var manner = try strike(path: path, to: request.number, provider: .twilio)
        let reply = ReplyFate.voice(fates.voice)
        if reply.isThrottled { try throttle("voice", request.number, provider: .twilio) }
        if reply.isUnknown { manner.mishap = manner.mishap ?? .serverError }

        let call = Call(
            sid: Identifier.sid("CA"), accountSid: configuration.accountSid, to: request.number, from: request.from,
            created: now, updated: now, request: request)
        calls.insert(call, sid: call.sid)
        var body = ""
        if case .inline(let twiml) = request.document { body = twiml }
        let entry = record(
            .voice, sid: call.sid, to: call.to, from: call.from, body: body, statusCallback: request.statusCallback,
            fields: form.json)
        var generator = generator(for: "voice " + call.to)
        let steps = CallPlan.steps(
            fate: fates.voice, ringTimeout: request.ringTimeout, detection: request.detection,
            isAsync: request.asyncDetectionCallback != nil, using: &generator)
        var journey = Journey(.call(sid: call.sid), steps: steps, generator: generator)
        journey.disturbance = manner.disturbance
        return Acceptance(entry: entry, reply: call.json, journeys: [journey], manner: manner)
    }

    /// Cancels a call that has not been answered, or hangs up one that has.
    func update(call sid: String, form: FormParameters, path: String) throws(TwilioError) -> JSON {
        guard let call = calls[sid] else { throw .notFound(path) }
        guard let status = form["Status"] else { return call.json }
        guard !call.status.hasEnded else {
            throw .badRequest(21220, "Call is not in-progress. Cannot redirect.")
        }
        switch (status, call.status) {
        case ("canceled", .queued), ("canceled", .ringing): end(call: sid, .canceled, sipCode: 487, seconds: 0)
        case ("completed", .inProgress): end(call: sid, .completed, sipCode: 200, seconds: 1)
        case ("completed", _): end(call: sid, .canceled, sipCode: 487, seconds: 0)
        default: throw .badRequest(21220, "Invalid call state")
        }
        return calls[sid]?.json ?? call.json
    }

    /// Ends a call at once; the journey's later steps find it ended and do nothing.
    private func end(call sid: String, _ status: CallStatus, sipCode: Int, seconds: Int) {
        let event = Step(delay: 0, change: .call(.ended(status, sipCode: sipCode, seconds: seconds)))
        let journey = Journey(.call(sid: sid), steps: [event], generator: SeededGenerator(seed: seed))
        if let callback = advance(journey, due: .now) { schedule(.post(callback), at: .now) }
    }

    func delete(call sid: String, path: String) throws(TwilioError) {
        guard let call = calls[sid] else { throw .notFound(path) }
        guard call.status.hasEnded else {
            throw TwilioError(
                status: 409, code: 20009, message: "Cannot delete this resource because the call has not ended")
        }
        calls.remove(sid)
    }

    func call(_ sid: String, path: String) throws(TwilioError) -> JSON {
        guard let call = calls[sid] else { throw .notFound(path) }
        return call.json
    }

    func list(calls query: ListQuery) -> JSON {
        query.page(of: calls.newestFirst(recipient: query.to), key: "calls") { call in
            query.matches(from: call.from, date: call.started, status: call.status.rawValue)
        } json: {
            $0.json
        }
    }
}

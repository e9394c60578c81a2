import Delivery
import Foundation
import Signing

extension SandboxWorld {
    /// Starts a verification, or sends the same code again while one is pending for the address.
    func accept(verification form: FormParameters, service: String, baseURL: String, path: String) throws -> Acceptance
    {
        let now = Date()
        let request = try VerificationRequest(form)
        let manner = try strike(path: path, to: request.to, provider: .twilio)
        let send = Verification.Send(time: now, channel: request.channel, attemptSid: Identifier.sid("VL"))
        let verification: Verification
        if let pending = pending(to: request.to, service: service, now: now) {
            guard pending.sends.count < Verification.sendLimit else {
                throw TwilioError(status: 429, code: 60203, message: "Max send attempts reached", retryAfter: 600)
            }
            verification =
                verifications.update(pending.sid) {
                    $0.sends.append(send); $0.updated = now; $0.channel = request.channel
                }
                ?? pending
        } else {
            var generator = generator(for: "verify " + request.to)
            let digits = String(Int.random(in: 0...999_999, using: &generator))
            verification = Verification(
                sid: Identifier.sid("VE"), accountSid: configuration.accountSid, serviceSid: service, to: request.to,
                channel: request.channel,
                code: request.customCode ?? String(repeating: "0", count: 6 - digits.count) + digits, sends: [send],
                created: now, updated: now)
            verifications.insert(verification, sid: verification.sid)
        }
        let entry = record(
            .verify, sid: verification.sid, to: request.to, from: service,
            body: "Your verification code is: \(verification.code)", statusCallback: nil, fields: form.json)
        return Acceptance(
            entry: entry, reply: verification.json(baseURL: baseURL), journeys: [], manner: manner)
    }

    /// Checks a code. A wrong one is no error; a verification that is over is not found.
    func check(verification form: FormParameters, service: String, path: String) throws(TwilioError) -> JSON {
        guard let code = form["Code"], (4...10).contains(code.count) else {
            throw .badRequest(60200, "Invalid parameter `Code`")
        }
        let named = form["VerificationSid"].flatMap { verifications[$0] }
        let found = named ?? form["To"].flatMap { pending(to: $0, service: service, now: Date()) }
        guard let found, isPending(found, service: service, now: Date()) else { throw .notFound(path) }
        guard found.checks < Verification.checkLimit else {
            throw TwilioError(status: 429, code: 60202, message: "Max check attempts reached")
        }
        let checked = verifications.update(found.sid) { verification in
            verification.checks += 1
            verification.updated = Date()
            if constantTimeEquals(Array(code.utf8), Array(verification.code.utf8)) { verification.status = .approved }
        }
        return (checked ?? found).checkJSON
    }

    /// A pending verification; one that is over is gone.
    func verification(_ sid: String, service: String, baseURL: String, path: String) throws(TwilioError) -> JSON {
        guard let found = verifications[sid], isPending(found, service: service, now: Date()) else {
            throw .notFound(path)
        }
        return found.json(baseURL: baseURL)
    }

    /// Cancels or approves a pending verification.
    func update(
        verification sid: String, form: FormParameters, service: String, baseURL: String, path: String
    ) throws(TwilioError) -> JSON {
        guard let found = verifications[sid], isPending(found, service: service, now: Date()) else {
            throw .notFound(path)
        }
        let status: Verification.Status
        switch form["Status"] {
        case "canceled": status = .canceled
        case "approved": status = .approved
        default: throw .badRequest(60200, "Invalid parameter `Status`")
        }
        let updated = verifications.update(sid) {
            $0.status = status; $0.updated = Date()
        }
        return (updated ?? found).json(baseURL: baseURL)
    }

    private func pending(to: String, service: String, now: Date) -> Verification? {
        verifications.newestFirst(recipient: to).lazy.map(\.resource).first {
            isPending($0, service: service, now: now)
        }
    }

    private func isPending(_ verification: Verification, service: String, now: Date) -> Bool {
        verification.status == .pending && verification.serviceSid == service
            && now.timeIntervalSince(verification.created) < Verification.lifetime / timeScale
    }
}

import Delivery
import HTTPTypes
import Hummingbird

/// The control API under `/sandbox/`: what a rehearsal sets up and looks at. No credentials, as it only ever listens
/// where its owner is.
struct ControlRoutes: Sendable {
    let world: SandboxWorld
    let publicKey: String

    func add(to router: Router<SandboxContext>) {
        let control = router.group("sandbox")
        control.get("health") { _, _ in Response.json(["status": "ok"]) }
        control.get("keys") { _, _ in Response.json(["sendgrid_public_key": .string(publicKey)]) }
        control.get("ledger") { request, _ in
            let query = request.uri.queryParameters
            let limit = query["limit"].flatMap { Int($0) } ?? 1000
            guard (1...10_000).contains(limit) else { throw ControlError("limit must be between 1 and 10000") }
            return Response.json(
                await world.ledgerPage(
                    after: query["after"].flatMap { Int($0) } ?? 0, limit: limit, to: query["to"].map(String.init)))
        }
        control.get("state") { _, _ in Response.json(await world.stateJSON) }
        control.get("faults") { _, _ in Response.json(["faults": await world.faultsJSON]) }
        control.post("faults") { request, _ in
            Response.json(try await world.add(fault: body(request)), status: .created)
        }
        control.delete("faults") { _, _ in
            await world.removeFaults()
            return Response.empty(.noContent)
        }
        control.post("fates") { request, _ in
            try await world.set(fates: body(request))
            return Response.empty(.noContent)
        }
        control.post("inbound") { request, _ in
            try await world.inbound(body(request))
            return Response.json(["status": "posted"], status: .accepted)
        }
        control.post("webhooks") { request, _ in
            await world.set(webhooks: try await body(request))
            return Response.empty(.noContent)
        }
        control.post("seed") { request, _ in
            try await world.set(seed: body(request))
            return Response.empty(.noContent)
        }
        control.post("time-scale") { request, _ in
            try await world.set(timeScale: body(request))
            return Response.empty(.noContent)
        }
        control.post("reset") { _, _ in
            await world.reset()
            return Response.empty(.noContent)
        }
    }

    private func body(_ request: Request) async throws -> JSON {
        guard let buffer = try? await request.body.collect(upTo: 64 * 1024) else {
            throw ControlError("body too large")
        }
        guard let json = JSON(parsing: Array(buffer.readableBytesView)), json.members != nil else {
            throw ControlError("the body must be a JSON object")
        }
        return json
    }
}

/// A refusal of the control API: `{"error": "…"}` with status 400 (or 404).
struct ControlError: Error, Equatable, Sendable {
    var message: String
    var statusCode = 400

    init(_ message: String, status: Int = 400) { (self.message, statusCode) = (message, status) }
}

extension ControlError: HTTPResponseError {
    var status: HTTPResponse.Status { HTTPResponse.Status(code: statusCode) }

    func response(from request: Request, context: some RequestContext) -> Response {
        .json(["error": .string(message)], status: status)
    }
}

import HTTPTypes
import Hummingbird

/// The control API under `/sandbox/`: what a rehearsal sets up and looks at. No credentials, as it only ever listens
/// where its owner is.
struct ControlRoutes: Sendable {
    let simulation: Simulation
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
                await simulation.ledgerPage(
                    after: query["after"].flatMap { Int($0) } ?? 0, limit: limit, to: query["to"].map(String.init)))
        }
        control.get("state") { _, _ in Response.json(await simulation.stateJSON) }
        control.get("faults") { _, _ in Response.json(["faults": await simulation.faultsJSON]) }
        control.post("faults") { request, _ in
            Response.json(try await simulation.add(fault: body(request)), status: .created)
        }
        control.delete("faults") { _, _ in
            await simulation.removeFaults()
            return Response.empty(.noContent)
        }
        control.post("fates") { request, _ in
            try await simulation.set(fates: body(request))
            return Response.empty(.noContent)
        }
        control.post("inbound") { request, _ in
            try await simulation.inbound(body(request))
            return Response.json(["status": "posted"], status: .accepted)
        }
        control.post("webhooks") { request, _ in
            await simulation.set(webhooks: try await body(request))
            return Response.empty(.noContent)
        }
        control.post("seed") { request, _ in
            try await simulation.set(seed: body(request))
            return Response.empty(.noContent)
        }
        control.post("time-scale") { request, _ in
            try await simulation.set(timeScale: body(request))
            return Response.empty(.noContent)
        }
        control.post("reset") { _, _ in
            await simulation.reset()
            return Response.empty(.noContent)
        }
    }

    private func body(_ request: Request) async throws -> JSONValue {
        guard let buffer = try? await request.body.collect(upTo: 64 * 1024) else {
            throw ControlError("body too large")
        }
        guard let json = JSONValue(parsing: buffer.readableBytesView), json.members != nil else {
            throw ControlError("the body must be a JSON object")
        }
        return json
    }
}

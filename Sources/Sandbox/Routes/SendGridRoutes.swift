import Delivery
import HTTPTypes
import Hummingbird
import Signing

/// SendGrid's v3 API: sending mail and searching the log.
struct SendGridRoutes: Sendable {
    let configuration: SandboxConfiguration
    let world: SandboxWorld
    let responder: Responder

    func add(to router: Router<SandboxContext>) {
        router.post("v3/mail/send") { request, _ in
            let json = try await json(request)
            guard let acceptance = try await world.accept(mail: json, path: request.uri.path) else {
                return Response.empty(.ok)
            }
            return try await responder.respond(to: acceptance, status: .accepted, provider: .sendGrid)
        }
        router.get("v3/scopes") { request, _ in
            try authorize(request)
            return Response.json(["scopes": .array(["mail.send", "messages.read"])])
        }
        router.get("v3/logs/{id}") { request, context in
            try authorize(request)
            return Response.json(try await world.mail(context.parameters.get("id") ?? ""))
        }
        router.post("v3/logs") { request, _ in
            Response.json(await world.list(mails: try MailLogQuery(json(request))))
        }
    }

    private func authorize(_ request: Request) throws(SendGridError) {
        guard let token = RequestReading.bearer(request),
            constantTimeEquals(Array(token.utf8), Array(configuration.sendGridAPIKey.utf8))
        else { throw .unauthorized }
    }

    private func json(_ request: Request) async throws -> JSON {
        try authorize(request)
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") ?? false else {
            throw SendGridError.unsupportedType
        }
        guard let json = try await RequestReading.json(request) else { throw SendGridError.notJSON }
        return json
    }
}

import Delivery
import HTTPTypes
import Hummingbird
import Signing

/// The 2010 API: Messages and Calls.
struct TwilioRoutes: Sendable {
    let configuration: SandboxConfiguration
    let world: SandboxWorld
    let responder: Responder

    func add(to router: Router<SandboxContext>) {
        router.get("2010-04-01/Accounts/{account}.json") { request, context in
            try authorize(request, context)
            // A standard API key may not read its account.
            guard RequestReading.basic(request)?.user == configuration.accountSid else {
                throw TwilioError.unauthenticated
            }
            return Response.json([
                "sid": .string(configuration.accountSid), "friendly_name": "Sandbox", "status": "active",
                "type": "Full",
            ])
        }
        let account = router.group("2010-04-01/Accounts/{account}")
        account.post("Messages.json") { request, context in
            try authorize(request, context)
            let acceptance = try await world.accept(message: form(request), path: request.uri.path)
            return try await responder.respond(to: acceptance, status: .created, provider: .twilio)
        }
        account.get("Messages.json") { request, context in
            try authorize(request, context)
            let query = try ListQuery(
                query: RequestReading.query(request), path: request.uri.path, dateName: "DateSent")
            return Response.json(await world.list(messages: query))
        }
        account.get("Messages/{sid}.json") { request, context in
            try authorize(request, context)
            return Response.json(try await world.message(sid(context), path: request.uri.path))
        }
        account.post("Messages/{sid}.json") { request, context in
            try authorize(request, context)
            let form = try await form(request)
            return Response.json(try await world.update(message: sid(context), form: form, path: request.uri.path))
        }
        account.delete("Messages/{sid}.json") { request, context in
            try authorize(request, context)
            try await world.delete(message: sid(context), path: request.uri.path)
            return Response.empty(.noContent)
        }
        addCalls(to: account)
    }

    private func addCalls(to account: RouterGroup<SandboxContext>) {
        account.post("Calls.json") { request, context in
            try authorize(request, context)
            let acceptance = try await world.accept(call: form(request), path: request.uri.path)
            return try await responder.respond(to: acceptance, status: .created, provider: .twilio)
        }
        account.get("Calls.json") { request, context in
            try authorize(request, context)
            let query = try ListQuery(
                query: RequestReading.query(request), path: request.uri.path, dateName: "StartTime")
            return Response.json(await world.list(calls: query))
        }
        account.get("Calls/{sid}.json") { request, context in
            try authorize(request, context)
            return Response.json(try await world.call(sid(context), path: request.uri.path))
        }
        account.post("Calls/{sid}.json") { request, context in
            try authorize(request, context)
            let form = try await form(request)
            return Response.json(try await world.update(call: sid(context), form: form, path: request.uri.path))
        }
        account.delete("Calls/{sid}.json") { request, context in
            try authorize(request, context)
            try await world.delete(call: sid(context), path: request.uri.path)
            return Response.empty(.noContent)
        }
    }

    private func authorize(_ request: Request, _ context: SandboxContext) throws {
        try TwilioCredentials(configuration).check(request)
        guard context.parameters.get("account") == configuration.accountSid else {
            throw TwilioError.notFound(request.uri.path)
        }
    }

    private func form(_ request: Request) async throws -> FormParameters {
        do {
            return try await RequestReading.form(request)
        } catch is FormError {
            throw TwilioError.badRequest(20001, "Malformed request body")
        }
    }

    private func sid(_ context: SandboxContext) -> String { context.parameters.get("sid") ?? "" }
}

/// Basic authentication by the account's own credentials or by its API key.
struct TwilioCredentials: Sendable {
    let configuration: SandboxConfiguration

    init(_ configuration: SandboxConfiguration) { self.configuration = configuration }

    func check(_ request: Request) throws(TwilioError) {
        guard let (user, password) = RequestReading.basic(request) else { throw .unauthenticated }
        let secret =
            switch user {
            case configuration.accountSid: configuration.authToken
            case configuration.apiKeySid: configuration.apiKeySecret
            default: ""
            }
        guard !secret.isEmpty, constantTimeEquals(Array(secret.utf8), Array(password.utf8)) else {
            throw .unauthenticated
        }
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import Signing

/// Verify v2 and Lookup v2.
struct VerifyRoutes: Sendable {
    let configuration: SandboxConfiguration
    let world: SandboxWorld
    let responder: Responder

    func add(to router: Router<SandboxContext>) {
        let service = router.group("v2/Services/{service}")
        service.post("Verifications") { request, context in
            let service = try authorizedService(request, context)
            let acceptance = try await world.accept(
                verification: form(request), service: service, baseURL: RequestReading.baseURL(request),
                path: request.uri.path)
            return try await responder.respond(to: acceptance, status: .created, provider: .twilio)
        }
        service.get("Verifications/{sid}") { request, context in
            let service = try authorizedService(request, context)
            return Response.json(
                try await world.verification(
                    context.parameters.get("sid") ?? "", service: service, baseURL: RequestReading.baseURL(request),
                    path: request.uri.path))
        }
        service.post("Verifications/{sid}") { request, context in
            let service = try authorizedService(request, context)
            let form = try await form(request)
            return Response.json(
                try await world.update(
                    verification: context.parameters.get("sid") ?? "", form: form, service: service,
                    baseURL: RequestReading.baseURL(request), path: request.uri.path))
        }
        service.post("VerificationCheck") { request, context in
            let service = try authorizedService(request, context)
            let form = try await form(request)
            return Response.json(
                try await world.check(verification: form, service: service, path: request.uri.path),
                status: .created)
        }
        router.get("v2/PhoneNumbers/{number}") { request, context in
            try TwilioCredentials(configuration).check(request)
            let number = (context.parameters.get("number") ?? "").removingPercentEncoding ?? ""
            let query = try RequestReading.query(request)
            let found = try await world.lookUp(
                number, fields: query["Fields"], baseURL: RequestReading.baseURL(request), path: request.uri.path)
            return try await responder.reply(Response.json(found.reply), found.manner, provider: .twilio)
        }
    }

    private func authorizedService(_ request: Request, _ context: SandboxContext) throws -> String {
        try TwilioCredentials(configuration).check(request)
        guard let service = context.parameters.get("service"), Identifier.isSid(service, "VA") else {
            throw TwilioError.notFound(request.uri.path)
        }
        return service
    }

    private func form(_ request: Request) async throws -> FormParameters {
        do {
            return try await RequestReading.form(request)
        } catch is FormError {
            throw TwilioError.badRequest(60200, "Malformed request body")
        }
    }
}

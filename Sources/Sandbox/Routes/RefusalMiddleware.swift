import HTTPTypes
import Hummingbird

/// Counts refusals, and cuts the connection when a fault asks for it.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = SandboxContext
    let world: SandboxWorld

    @concurrent
    func handle(
        _ request: Request, context: SandboxContext,
        next: @concurrent (Request, SandboxContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refusal as TwilioError {
            await world.countRefusal(String(refusal.code))
            throw refusal
        } catch let refusal as SendGridError {
            await world.countRefusal("sendgrid \(refusal.statusCode)")
            throw refusal
        } catch let error as HTTPError where error.status == .notFound && !request.uri.path.hasPrefix("/sandbox") {
            // What no route takes is refused in the provider's shape too.
            if request.uri.path.hasPrefix("/v3/") { throw SendGridError(status: 404, "Not Found") }
            throw TwilioError.notFound(request.uri.path)
        } catch is HangUp {
            context.hangUp()
            return .empty(.internalServerError)
        }
    }
}

import HTTPTypes
import Hummingbird

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

import Delivery
import HTTPTypes
import Hummingbird

/// A refusal in the shape of Twilio's REST API: `code`, `message`, `more_info`, `status`.
struct TwilioError: Error, Equatable, Sendable {
    var statusCode: Int
    var code: Int
    var message: String
    /// Seconds for `Retry-After`; sent with 429 only.
    var retryAfter: Int?

    init(status: Int, code: Int, message: String, retryAfter: Int? = nil) {
        (statusCode, self.code, self.message, self.retryAfter) = (status, code, message, retryAfter)
    }

    var json: JSON {
        var members: [JSON.Member] = [.init(name: "code", value: .integer(code))]
        // The platform's 401 alone carries this extra member.
        if code == 20003 {
            members.append(.init(name: "detail", value: "Your AccountSid or AuthToken was incorrect."))
        }
        members.append(.init(name: "message", value: .string(message)))
        members.append(.init(name: "more_info", value: .string("https://www.twilio.com/docs/errors/\(code)")))
        members.append(.init(name: "status", value: .integer(statusCode)))
        return .object(members)
    }

    static func badRequest(_ code: Int, _ message: String) -> TwilioError {
        TwilioError(status: 400, code: code, message: message)
    }

    static let unauthenticated = TwilioError(status: 401, code: 20003, message: "Authenticate")

    static func notFound(_ path: String) -> TwilioError {
        TwilioError(status: 404, code: 20404, message: "The requested resource \(path) was not found")
    }

    static func tooManyRequests(retryAfter: Int) -> TwilioError {
        TwilioError(status: 429, code: 20429, message: "Too Many Requests", retryAfter: retryAfter)
    }

    static let internalError = TwilioError(
        status: 500, code: 20500, message: "An internal server error has occurred")

    static let bodyTooLarge = TwilioError(status: 413, code: 20413, message: "Request body too large")
}

extension TwilioError: HTTPResponseError {
    var status: HTTPResponse.Status { HTTPResponse.Status(code: statusCode) }

    func response(from request: Request, context: some RequestContext) -> Response {
        var response = Response.json(json, status: status)
        if statusCode == 401 { response.headers[.wwwAuthenticate] = "Basic realm=\"Twilio API\"" }
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }
}

import Delivery
import Foundation
import HTTPTypes
import Hummingbird

/// A refusal in the shape of SendGrid's v3 API: `{"errors":[{"message","field","help"}]}`.
struct SendGridError: Error, Equatable, Sendable {
    struct Problem: Equatable, Sendable {
        var message: String
        var field: String?
    }
    var statusCode: Int
    var problems: [Problem]
    /// Seconds until the limit resets, for the `X-RateLimit` headers of a 429: SendGrid sends no `Retry-After`.
    var retryAfter: Int? = nil

    init(status: Int = 400, _ message: String, field: String? = nil, retryAfter: Int? = nil) {
        self.statusCode = status
        self.problems = [Problem(message: message, field: field)]
        self.retryAfter = retryAfter
    }

    var json: JSON {
        [
            "errors": .array(
                problems.map { problem in
                    // Only validation errors carry `help`; the platform's own refusals do not.
                    statusCode == 400
                        ? ["message": .string(problem.message), "field": .optional(problem.field), "help": .null]
                        : ["field": .optional(problem.field), "message": .string(problem.message)]
                })
        ]
    }

    static let unauthorized = SendGridError(
        status: 401, "The provided authorization grant is invalid, expired, or revoked")
    static let unsupportedType = SendGridError(status: 415, "Content-Type should be application/json.")
    static let notJSON = SendGridError("Bad Request")
    static let bodyTooLarge = SendGridError(status: 413, "request body too large")
    static let internalError = SendGridError(status: 500, "internal server error")

    static func tooManyRequests(retryAfter: Int) -> SendGridError {
        SendGridError(status: 429, "too many requests", retryAfter: retryAfter)
    }
}

extension SendGridError: HTTPResponseError {
    var status: HTTPResponse.Status { HTTPResponse.Status(code: statusCode) }

    func response(from request: Request, context: some RequestContext) -> Response {
        var response = Response.json(json, status: status)
        if let retryAfter {
            let reset = Int(Date().timeIntervalSince1970) + retryAfter
            for (name, value) in [("Limit", 10_000), ("Remaining", 0), ("Reset", reset)] {
                if let field = HTTPField.Name("X-RateLimit-" + name) { response.headers[field] = String(value) }
            }
        }
        return response
    }
}

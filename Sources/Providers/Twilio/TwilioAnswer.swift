import Delivery
import HTTPTransport

/// Reads the reply to a `POST` of a message or call.
///
/// Twilio documents 429 as "not processed" and 5xx as possibly created (errors 20429 and 20500).
enum TwilioAnswer {
    /// Limits of one resource, not of speed, although they come with 429: a repeat is refused until it expires.
    private static let resourceLimits: Set<String> = ["60202", "60203"]

    static func read(_ response: ServerReply, channel: Channel) -> SendReading {
        let body = JSON(parsing: response.body, members: ["sid", "status", "code"])
        switch response.status {
        case 200...299:
            guard let sid = body?["sid"]?.string, isSID(sid, channel: channel) else {
                return .unknown(reason: "unreadable_success")
            }
            return .accepted(providerID: sid, providerStatus: body?["status"]?.string.map(StatusWord.clean))
        case 300...499:
            return refusal(response, code: body?["code"]?.wholeNumber.flatMap { $0 > 0 ? String($0) : nil })
        default:
            return .unknown(reason: "http_\(response.status)")
        }
    }

    private static func refusal(_ response: ServerReply, code: String?) -> SendReading {
        switch response.status {
        case 429 where code.map(resourceLimits.contains) != true:
            return .notSent(
                reason: code ?? "http_429", retryAfter: RateSignal.wait(in: response), isRateLimited: true)
        // Whoever gave up waiting, it cannot say what Twilio has read.
        case 408 where code == nil:
            return .unknown(reason: "http_408")
        default:
            return .refused(
                code: code ?? "http_\(response.status)", class: knownClass(of: response.status, code: code),
                defaultClass: defaultClass(of: response.status, code: code), httpStatus: response.status,
                retryAfter: RateSignal.wait(in: response))
        }
    }

    /// A code is for the table to judge; without one, only the status speaks.
    private static func knownClass(of status: Int, code: String?) -> FailureClass? {
        switch status {
        // Nothing but the credentials is judged with 401.
        case 401: .credentials
        case 429: .rateLimited
        default: code == nil ? defaultClass(of: status, code: nil) : nil
        }
    }

    private static func defaultClass(of status: Int, code: String?) -> FailureClass {
        switch (status, code) {
        // A redirected POST means a wrong base URL; so does a 404 or 405 that is not in Twilio's words.
        case (300...399, _), (404, nil), (405, nil): .configuration
        default: FailureClass.default(provider: "twilio", code: code, origin: .answer(httpStatus: status))
        }
    }

    private static func isSID(_ text: String, channel: Channel) -> Bool {
        let isOfChannel = channel == .voice ? text.hasPrefix("CA") : text.hasPrefix("SM") || text.hasPrefix("MM")
        return isOfChannel && TwilioSID.isPlausible(text)
    }
}

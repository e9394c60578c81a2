import Delivery
import HTTPTransport

/// Reads the reply to `POST /v3/mail/send`. SendGrid has no error codes: the status and the named field have to do.
enum SendGridAnswer {
    static func read(_ response: ServerReply) -> SendReading {
        switch response.status {
        case 200...299:
            guard let id = response.header("X-Message-Id"), SendGridID.isPlausible(id) else {
                return .unknown(reason: "unreadable_success")
            }
            return .accepted(providerID: id, providerStatus: nil)
        case 429:
            return .notSent(reason: "http_429", retryAfter: RateSignal.wait(in: response), isRateLimited: true)
        // Whoever gave up waiting, it cannot say what SendGrid has read.
        case 408:
            return .unknown(reason: "http_408")
        case 300...499:
            return .refused(
                code: "http_\(response.status)", class: field(of: response).flatMap(failureClass(ofField:)),
                defaultClass: defaultClass(of: response.status), httpStatus: response.status,
                retryAfter: RateSignal.wait(in: response))
        default:
            return .unknown(reason: "http_\(response.status)")
        }
    }

    /// Nil when the field says no more than the status does.
    private static func failureClass(ofField field: String) -> FailureClass? {
        if field.hasPrefix("personalizations."), field.contains(".to") { return .invalidAddress }
        if field.hasPrefix("from") || field.hasPrefix("reply_to") { return .configuration }
        return nil
    }

    private static func defaultClass(of status: Int) -> FailureClass {
        switch status {
        case 400, 413, 422: .content
        case 401: .credentials
        // A sender identity, a wrong base URL.
        default: .configuration
        }
    }

    /// The first field named as wrong.
    private static func field(of response: ServerReply) -> String? {
        let errors = JSON(parsing: response.body, members: ["errors"])?["errors"]?.array
        return errors?.lazy.compactMap { $0["field"]?.string }.first
    }
}

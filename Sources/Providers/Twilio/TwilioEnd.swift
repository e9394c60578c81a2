import Delivery
import HTTPTransport

/// Reads the reply to a `POST` that cancels a call.
///
/// Twilio cancels what is queued or rings. A call in progress it leaves as it is, and so do we: whoever talks is not cut off in
/// the middle of a word, and may have said STOP to this very call.
enum TwilioEnd {
    /// "Call is not in-progress": it is over, or in a state that cannot be changed so.
    private static let wrongState = 21220

    static func read(_ result: HTTPResult) -> EndAnswer {
        switch result {
        case .notSent(let proof): .unavailable(reason: proof.reason.rawValue, retryAfter: nil)
        case .unknown(let doubt): .unavailable(reason: doubt.reason.rawValue, retryAfter: nil)
        case .answered(let response): read(response)
        }
    }

    private static func read(_ response: ServerReply) -> EndAnswer {
        let body = JSON(parsing: response.body, members: ["status", "code"])
        switch response.status {
        case 200...299:
            guard let status = body?["status"]?.string.map(StatusWord.clean) else {
                return .unavailable(reason: "unreadable_success", retryAfter: nil)
            }
            switch status {
            case "canceled": return .ended
            case "queued", "initiated", "ringing": return .held(status)
            default: return .tooLate(status)
            }
        case 400 where body?["code"]?.wholeNumber == wrongState: return .tooLate("the call is in another state")
        case 404 where body?["code"]?.wholeNumber != nil: return .tooLate("there is no such call")
        default:
            return .unavailable(reason: "http_\(response.status)", retryAfter: RateSignal.wait(in: response))
        }
    }
}

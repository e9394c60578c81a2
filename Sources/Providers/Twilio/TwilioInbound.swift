import Delivery
import HTTPTransport
import Signing

/// Reads what people wrote from the list of an account's messages, as the webhooks would have brought it.
///
/// A list does not say which words Advanced Opt-Out recognised: only the default words are read from it. Nor is there a
/// word in a text that the account does not keep.
enum TwilioInbound {
    static func read(_ result: HTTPResult, isContinued: Bool) -> InboundReading {
        switch result {
        case .notSent(let proof): return .unavailable(reason: proof.reason.rawValue, retryAfter: nil)
        case .unknown(let doubt): return .unavailable(reason: doubt.reason.rawValue, retryAfter: nil)
        case .answered(let response):
            switch response.status {
            case 200:
                guard let page = JSON(parsing: response.body), let messages = page["messages"]?.array else {
                    return .unavailable(reason: "unreadable", retryAfter: nil)
                }
                return .page(messages.compactMap(message), next: page["next_page_uri"]?.string)
            case 400 where isContinued, 404 where isContinued:
                return .lost
            default:
                return .unavailable(reason: "http_\(response.status)", retryAfter: RateSignal.wait(in: response))
            }
        }
    }

    /// Nil for what we sent, and for what no webhook would be read from either.
    private static func message(_ resource: JSON) -> InboundMessage? {
        guard resource["direction"]?.string == "inbound", let sid = resource["sid"]?.string,
            let from = resource["from"]?.string, let to = resource["to"]?.string,
            let date = (resource["date_sent"]?.string ?? resource["date_created"]?.string).flatMap({ WireDate($0) })
        else { return nil }
        let form: FormParameters = [
            "MessageSid": sid, "From": from, "To": to, "Body": resource["body"]?.string ?? "",
        ]
        guard var message = try? TwilioWebhooks.readInbound(form: form) else { return nil }
        message.sentAt = date.instant
        return message
    }
}

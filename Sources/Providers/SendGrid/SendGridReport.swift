import Delivery

/// One event of SendGrid's (docs: for-developers/tracking-events/event) as a receipt, and what it says of later mail.
struct SendGridReport {
    var receipt: Receipt
    var suppression: SuppressionReason?

    init(_ word: String, _ element: JSONValue) {
        let id = Self.messageID(element)
        switch word {
        case "processed":
            receipt = .reached(.sent, codeTable: .sendgrid, providerID: id)
        case "delivered":
            receipt = .reached(.delivered, codeTable: .sendgrid, providerID: id)
        case "open" where element["sg_machine_open"] == .bool(true):
            receipt = .progress("open_by_machine", codeTable: .sendgrid, providerID: id)
        case "open", "click":
            receipt = .reached(.read, codeTable: .sendgrid, providerID: id)
        case "bounce":
            (receipt, suppression) = Self.bounce(element, id: id)
        case "dropped":
            (receipt, suppression) = Self.drop(element, id: id)
        default:
            // deferred, spamreport, the unsubscribes, and words still to come.
            receipt = .progress(word, codeTable: .sendgrid, providerID: id)
            suppression = Self.wish(word)
        }
    }

    /// One entry of the e-mail logs, whose status sums up the mail's events; nil when it names no id or status.
    init?(logged entry: JSONValue) {
        guard let id = Self.messageID(entry), let status = entry["status"]?.string, !status.isEmpty else {
            return nil
        }
        switch status {
        case "processed": receipt = .reached(.sent, codeTable: .sendgrid, providerID: id)
        case "delivered": receipt = .reached(.delivered, codeTable: .sendgrid, providerID: id)
        case "bounced": (receipt, suppression) = (Self.failed("bounce", assumed: .invalidAddress, id: id), .bounce)
        case "blocked": receipt = Self.failed("blocked", assumed: .filtered, id: id)
        case "dropped": (receipt, suppression) = Self.drop(entry, id: id)
        default: receipt = .progress(status, codeTable: .sendgrid, providerID: id)
        }
    }

    /// The id that the reply to the send gave: what stands before the first dot.
    private static func messageID(_ element: JSONValue) -> String? {
        guard let text = element["sg_message_id"]?.string, text.utf8.count <= 256,
            let id = text.split(separator: ".").first, SendGridID.isPlausible(id)
        else { return nil }
        return String(id)
    }

    private static func bounce(_ element: JSONValue, id: String?) -> (Receipt, SuppressionReason?) {
        switch element["type"]?.string {
        case "bounce": (failed("bounce", assumed: .invalidAddress, id: id), .bounce)
        // For now, or for its content: SendGrid goes on sending to the address.
        case "blocked", "block": (failed("blocked", assumed: .filtered, id: id), nil)
        // Which of the two is not said: the ladder goes on, the address stays.
        default: (.failed("bounce_of_unknown_type", code: nil, codeTable: .sendgrid, providerID: id), nil)
        }
    }

    /// The word is its own code in the table.
    private static func failed(_ word: String, assumed: FailureClass, id: String?) -> Receipt {
        .failed(word, code: word, detail: "", assumed: assumed, codeTable: .sendgrid, providerID: id)
    }

    private static func drop(_ element: JSONValue, id: String?) -> (Receipt, SuppressionReason?) {
        let reason = StatusWord.clean(String((element["reason"]?.string ?? "").trimmed))
        let (assumed, suppression) = meaning(ofDrop: reason)
        let receipt = Receipt.failed(
            "dropped", code: reason.isEmpty ? "dropped" : "dropped:\(reason)", detail: reason, assumed: assumed,
            codeTable: .sendgrid, providerID: id)
        return (receipt, suppression)
    }

    private static func meaning(ofDrop reason: String) -> (FailureClass?, SuppressionReason?) {
        switch reason {
        case "bounced_address": (.invalidAddress, .bounce)
        case "invalid": (.invalidAddress, .invalidAddress)
        case "unsubscribed_address": (.optedOut, .unsubscribe)
        case "spam_reporting_address": (.optedOut, .spamReport)
        case "spam_content", "invalid_smtpapi_header": (.content, nil)
        case "recipient_list_over_package_quota": (.rateLimited, nil)
        // The other copy may have gone.
        case "duplicate": (.unknown, nil)
        default: (nil, nil)
        }
    }

    private static func wish(_ word: String) -> SuppressionReason? {
        switch word {
        case "spamreport": .spamReport
        case "unsubscribe": .unsubscribe
        case "group_unsubscribe": .groupUnsubscribe
        default: nil
        }
    }
}

extension String {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }
}

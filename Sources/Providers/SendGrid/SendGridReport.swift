import Delivery

/// What SendGrid reports on a mail, as a receipt.
enum SendGridReport {
    /// The suppression that an event takes back; nil for any other event.
    static func resubscription(of word: String, _ element: JSON) -> SuppressionReason? {
        word == "group_resubscribe" ? .groupUnsubscribe(group: group(element)) : nil
    }

    /// An event (docs: for-developers/tracking-events/event), of the webhook or of the e-mail logs.
    static func receipt(of word: String, _ element: JSON) -> Receipt {
        let id = messageID(element)
        switch word {
        case "processed":
            return .reached(.sent, codeTable: .sendgrid, providerID: id)
        case "delivered":
            return .reached(.delivered, codeTable: .sendgrid, providerID: id)
        case "open" where element["sg_machine_open"] == .bool(true):
            return .progress("open_by_machine", codeTable: .sendgrid, providerID: id)
        case "open", "click":
            return .reached(.read, codeTable: .sendgrid, providerID: id)
        case "bounce":
            return bounce(element, id: id)
        case "dropped":
            return drop(element, id: id)
        default:
            // deferred, spamreport, the unsubscribes, and words still to come.
            var receipt = Receipt.progress(word, codeTable: .sendgrid, providerID: id)
            receipt.suppression = wish(word, element)
            return receipt
        }
    }

    /// An entry of the e-mail logs, whose status sums up the mail's events; nil when it names no id or status.
    static func receipt(logged entry: JSON) -> Receipt? {
        guard let id = messageID(entry), let status = entry["status"]?.string, !status.isEmpty else { return nil }
        switch status {
        case "processed": return .reached(.sent, codeTable: .sendgrid, providerID: id)
        case "delivered": return .reached(.delivered, codeTable: .sendgrid, providerID: id)
        case "bounced": return failed("bounce", assumed: .invalidAddress, suppression: .bounce, id: id)
        case "blocked": return failed("blocked", assumed: .filtered, id: id)
        case "dropped": return drop(entry, id: id)
        default: return .progress(status, codeTable: .sendgrid, providerID: id)
        }
    }

    /// The id that the reply to the send gave: what stands before the first dot.
    private static func messageID(_ element: JSON) -> String? {
        guard let text = element["sg_message_id"]?.string, text.utf8.count <= 256 else { return nil }
        let id = text.prefix { $0 != "." }
        return SendGridID.isPlausible(id) ? String(id) : nil
    }

    private static func bounce(_ element: JSON, id: String?) -> Receipt {
        switch element["type"]?.string {
        case "bounce": failed("bounce", assumed: .invalidAddress, suppression: .bounce, id: id)
        // For now, or for its content: SendGrid goes on sending to the address.
        case "blocked", "block": failed("blocked", assumed: .filtered, id: id)
        // Which of the two is not said: the ladder goes on, the address stays.
        default: .failed("bounce_of_unknown_type", code: nil, codeTable: .sendgrid, providerID: id)
        }
    }

    /// The word is its own code in the table.
    private static func failed(
        _ word: String, assumed: FailureClass, suppression: SuppressionReason? = nil, id: String?
    ) -> Receipt {
        var receipt = Receipt.failed(
            word, code: word, detail: "", assumed: assumed, codeTable: .sendgrid, providerID: id)
        receipt.suppression = suppression
        return receipt
    }

    private static func drop(_ element: JSON, id: String?) -> Receipt {
        let reason = StatusWord.clean(String((element["reason"]?.string ?? "").trimmed))
        let (assumed, suppression) = meaning(ofDrop: reason)
        var receipt = Receipt.failed(
            "dropped", code: reason.isEmpty ? "dropped" : "dropped:\(reason)", detail: reason, assumed: assumed,
            codeTable: .sendgrid, providerID: id)
        receipt.suppression = suppression
        return receipt
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

    private static func group(_ element: JSON) -> Int? { element["asm_group_id"]?.wholeNumber }

    private static func wish(_ word: String, _ element: JSON) -> SuppressionReason? {
        switch word {
        case "spamreport": .spamReport
        case "unsubscribe": .unsubscribe
        case "group_unsubscribe": .groupUnsubscribe(group: group(element))
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

import Delivery
import HTTPTransport

/// Reads the e-mail logs (sendgrid-oai 1.0.0-rc.12, tsg_logs_v3) for what became of mails.
enum SendGridLog {
    static func read(_ result: HTTPResult) -> MailLogPage {
        // Asked for less, the logs can answer.
        if case .unknown(let doubt) = result, doubt.reason == .replyTooLarge { return .page([:], isWhole: false) }
        switch body(of: result) {
        case .failure(.absent): return .absent
        case .failure(.other(let reason)): return .unavailable(reason: reason)
        case .success(let page):
            guard let mails = page["messages"]?.array else { return .unavailable(reason: "unreadable") }
            let entries = mails.compactMap(entry).map { ($0.receipt.providerID ?? "", $0) }
            return .page(
                Dictionary(entries) { first, _ in first }, isWhole: mails.count < SendGridAPI.logPageSize)
        }
    }

    private static func entry(_ mail: JSON) -> MailLogEntry? {
        guard let receipt = SendGridReport.receipt(logged: mail), let logID = mail["sg_message_id"]?.string,
            SendGridID.isPlausible(logID)
        else { return nil }
        return MailLogEntry(logID: logID, receipt: receipt, lacksReason: receipt.code == "dropped")
    }

    static func readEvents(_ result: HTTPResult) -> StatusReading {
        switch body(of: result) {
        case .failure(.absent): return .notFound
        case .failure(.other(let reason)): return .unavailable(reason: reason)
        case .success(let mail):
            guard let events = mail["events"]?.array else { return .unavailable(reason: "unreadable") }
            return .facts(events.compactMap(receipt))
        }
    }

    private static func receipt(_ event: JSON) -> Receipt? {
        switch event["event"]?.string {
        // What the logs alone tell, before anything was done with the mail.
        case nil, "", "received": nil
        case "cancel_drop": SendGridReport.receipt(of: "dropped", event)
        case let word?: SendGridReport.receipt(of: word, event)
        }
    }

    private enum Fault: Error {
        case absent
        case other(String)
    }

    private static func body(of result: HTTPResult) -> Result<JSON, Fault> {
        switch result {
        case .notSent(let proof): return .failure(.other(proof.reason.rawValue))
        case .unknown(let doubt): return .failure(.other(doubt.reason.rawValue))
        case .answered(let response):
            switch response.status {
            case 200:
                guard let body = JSON(parsing: response.body) else { return .failure(.other("unreadable")) }
                return .success(body)
            case 403, 404: return .failure(.absent)
            default: return .failure(.other("http_\(response.status)"))
            }
        }
    }
}

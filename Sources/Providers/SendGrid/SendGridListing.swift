import Delivery
import HTTPTransport

/// Looks for one mail in the e-mail logs.
struct SendGridListing {
    var message: OutboundMessage
    var span: ListingSpan
    var excluding: Set<String>

    func read(_ result: HTTPResult) -> ListingReading {
        switch result {
        case .notSent(let proof): return .unavailable(reason: proof.reason.rawValue)
        case .unknown(let doubt): return .unavailable(reason: doubt.reason.rawValue)
        case .answered(let response):
            guard response.status == 200 else { return .unavailable(reason: "http_\(response.status)") }
            guard let entries = JSON(parsing: response.body)?["messages"]?.array else {
                return .unavailable(reason: "unreadable")
            }
            return read(entries)
        }
    }

    private func read(_ entries: [JSON]) -> ListingReading {
        let matches = entries.compactMap(match)
        if let match = matches.min(by: { $0.distance < $1.distance }) {
            return .found(providerID: match.id, receipts: [match.receipt], sighting: Sighting(reach: span.reach))
        }
        // The order of the logs is not documented, so a full page may hide the mail wherever it ends.
        return entries.count >= SendGridAPI.logLimit ? .unavailable(reason: "more_than_one_page") : .notFound
    }

    private func match(_ entry: JSON) -> (id: String, distance: Duration, receipt: Receipt)? {
        guard let receipt = SendGridReport.receipt(logged: entry), let id = receipt.providerID,
            !excluding.contains(id), isOurs(entry["to_email"], message.to),
            isOurs(entry["from_email"], message.sender.address),
            let created = entry["sg_message_id_created_at"]?.string.flatMap({ WireDate(iso8601: $0) })?.instant,
            span.contains(created)
        else { return nil }
        // By `==`, on purpose: a mail missed because the provider spells a letter another way would be sent twice.
        if case .email(let subject, _, _) = message.content, entry["subject"]?.string != subject { return nil }
        let distance = span.begunAt.duration(to: created)
        return (id, distance < .zero ? .zero - distance : distance, receipt)
    }

    private func isOurs(_ listed: JSON?, _ address: String) -> Bool {
        listed?.string?.asciiLowercased.hasBytes(of: address.asciiLowercased) ?? false
    }
}

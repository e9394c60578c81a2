import Delivery
import HTTPTransport

/// Looks for one message among those that Twilio lists.
struct TwilioListing {
    var message: OutboundMessage
    var span: ListingSpan
    var excluding: Set<String>

    func read(_ result: HTTPResult) -> ListingReading {
        switch Self.body(of: result) {
        case .failure(let fault):
            return .unavailable(reason: fault.reason)
        case .success(let page):
            guard let resources = page[message.channel == .voice ? "calls" : "messages"]?.array else {
                return .unavailable(reason: "unreadable")
            }
            return read(resources, hasMore: page["next_page_uri"]?.string != nil)
        }
    }

    private func read(_ resources: [JSON], hasMore: Bool) -> ListingReading {
        let matches = resources.compactMap(match)
        if let match = matches.min(by: { $0.distance < $1.distance }) {
            let sighting = Sighting(showsText: match.showsText, reach: span.reach)
            return .found(providerID: match.sid, receipts: [match.receipt], sighting: sighting)
        }
        // The page is newest first: when even its last entry is recent, the message may stand on the next one.
        let oldest = resources.last.flatMap(Self.created)
        let isCut = hasMore && (oldest.map { $0 >= span.earliest } ?? true)
        return isCut ? .unavailable(reason: "more_than_one_page") : .notFound
    }

    private struct Match {
        var sid: String
        var distance: Duration
        var receipt: Receipt
        var showsText: Bool
    }

    private func match(_ resource: JSON) -> Match? {
        guard let sid = resource["sid"]?.string, !excluding.contains(sid),
            resource["direction"]?.string == "outbound-api",
            let created = Self.created(resource), span.contains(created),
            resource["to"]?.string == TwilioAPI.address(message.to, on: message.channel),
            isFromSender(resource), hasOurText(resource),
            let receipt = Self.receipt(resource, channel: message.channel)
        else { return nil }
        let distance = span.begunAt.duration(to: created)
        return Match(
            sid: sid, distance: distance < .zero ? .zero - distance : distance, receipt: receipt,
            showsText: text(of: resource) != nil)
    }

    /// A service's number is known late, and its id may be left out; a number of our own is always there.
    private func isFromSender(_ resource: JSON) -> Bool {
        guard message.sender.isMessagingService else {
            return resource["from"]?.string == TwilioAPI.address(message.sender.address, on: message.channel)
        }
        guard let service = resource["messaging_service_sid"]?.string else { return true }
        return service == message.sender.address
    }

    /// Our text and the one that is shown, where they can be compared: a text of our own, of an account that keeps texts.
    private func text(of resource: JSON) -> (ours: String, listed: String)? {
        guard case .text(let text, _) = message.content, let listed = resource["body"]?.string, !listed.isEmpty else {
            return nil
        }
        return (text, listed)
    }

    private func hasOurText(_ resource: JSON) -> Bool {
        guard let (text, listed) = text(of: resource) else { return true }
        let (ours, theirs) = (Self.skeleton(text), Self.skeleton(listed))
        guard !ours.isEmpty else { return [text, Self.trialSentence + text].contains(listed) }
        return theirs == ours || theirs == Self.skeleton(Self.trialSentence) + ours
    }

    /// What a trial account puts in front of every text.
    private static let trialSentence = "Sent from your Twilio trial account - "

    /// Letters and digits: a Messaging Service may replace typographic characters, and a text missed for that reason
    /// would be sent twice.
    private static func skeleton(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        return String(String.UnicodeScalarView(kept))
    }

    private static func created(_ resource: JSON) -> Instant? {
        resource["date_created"]?.string.flatMap({ WireDate($0) })?.instant
    }

    // MARK: One resource

    static func readStatus(_ result: HTTPResult, channel: Channel) -> StatusReading {
        guard channel.provider == .twilio else { return .unavailable(reason: "no_status") }
        switch body(of: result) {
        case .failure(.notFound): return .notFound
        case .failure(let fault): return .unavailable(reason: fault.reason)
        case .success(let resource):
            guard let receipt = receipt(resource, channel: channel) else { return .unavailable(reason: "unreadable") }
            return .facts([receipt])
        }
    }

    private static func receipt(_ resource: JSON, channel: Channel) -> Receipt? {
        guard let sid = resource["sid"]?.string, TwilioSID.isPlausible(sid),
            let status = resource["status"]?.string, !status.isEmpty
        else { return nil }
        let code = resource["error_code"]?.wholeNumber.map { String($0) }
        guard channel == .voice else { return TwilioReceipts.message(status: status, errorCode: code, sid: sid) }
        return TwilioReceipts.call(
            status: status, answeredBy: resource["answered_by"]?.string, errorCode: code,
            seconds: resource["duration"]?.wholeNumber, isAsked: true, sid: sid)
    }

    private enum Fault: Error {
        case notFound
        case other(String)

        var reason: String {
            switch self {
            case .notFound: "not_found"
            case .other(let reason): reason
            }
        }
    }

    private static func body(of result: HTTPResult) -> Result<JSON, Fault> {
        switch result {
        case .notSent(let proof): return .failure(.other(proof.reason.rawValue))
        case .unknown(let doubt): return .failure(.other(doubt.reason.rawValue))
        case .answered(let response):
            let body = JSON(parsing: response.body)
            switch (response.status, body) {
            case (200, let body?): return .success(body)
            case (200, nil): return .failure(.other("unreadable"))
            // A 404 that is not Twilio's own says nothing of the id.
            case (404, let body?) where body["code"]?.wholeNumber != nil: return .failure(.notFound)
            default: return .failure(.other("http_\(response.status)"))
            }
        }
    }
}

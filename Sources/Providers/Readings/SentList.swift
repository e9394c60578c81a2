public import Delivery
public import HTTPTransport

/// A list in which a provider shows what we sent, the newest first.
public enum SentList: Sendable, Hashable, CaseIterable {
    case messages
    case calls
    case mails
}

/// A message that a provider took, as its list shows it.
public struct SentMessage: Sendable, Hashable {
    public var providerID: String
    public var channel: Channel
    public var sender: String
    /// The Messaging Service that picked the sender; nil when there was none.
    public var service: String?
    public var address: String
    /// The text, of a mail its subject; nil where the list shows none.
    public var words: String?
    public var takenAt: Instant

    public init(
        providerID: String, channel: Channel, sender: String, service: String?, address: String, words: String?,
        takenAt: Instant
    ) {
        self.providerID = providerID
        self.channel = channel
        self.sender = sender
        self.service = service
        self.address = address
        self.words = words
        self.takenAt = takenAt
    }
}

extension SentMessage: CustomStringConvertible, CustomReflectable {
    /// Without address and text.
    public var description: String { "\(channel.rawValue) \(providerID)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What one page of such a list says.
public enum SentReading: Sendable, Hashable {
    /// `next` asks for what stands behind them; nil at the end. `isCut`: there may be more that no page shows.
    case page([SentMessage], next: String?, isCut: Bool)
    /// No readable answer, or no such list.
    case unavailable(reason: String)
}

extension ProviderRequests {
    /// The lists that these accounts have.
    public var sentLists: [SentList] {
        (twilio == nil ? [] : [.messages, .calls]) + (sendGrid == nil ? [] : [.mails])
    }

    /// Asks for one page of what we sent; nil without an account, and for a page that no list names.
    public func sent(_ list: SentList, since: Instant, until: Instant, page: String?) -> OutgoingRequest? {
        switch list {
        case .messages: twilio.flatMap { TwilioAPI(account: $0).listSent("Messages", page: page) }
        case .calls: twilio.flatMap { TwilioAPI(account: $0).listSent("Calls", page: page) }
        case .mails:
            page != nil
                ? nil
                : sendGrid.flatMap { SendGridAPI(account: $0).searchLogs(MailLogSpan(from: since, to: until), to: nil) }
        }
    }

    /// Reads the reply to `sent(_:since:until:page:)`.
    public func readSent(_ result: HTTPResult, of list: SentList) -> SentReading {
        switch result {
        case .notSent(let proof): return .unavailable(reason: proof.reason.rawValue)
        case .unknown(let doubt): return .unavailable(reason: doubt.reason.rawValue)
        case .answered(let response):
            guard response.status == 200, let page = JSON(parsing: response.body) else {
                return .unavailable(reason: "http_\(response.status)")
            }
            switch list {
            case .messages: return Self.page(page, "messages", TwilioSent.message)
            case .calls: return Self.page(page, "calls", TwilioSent.call)
            case .mails: return SendGridSent.read(page)
            }
        }
    }

    private static func page(_ page: JSON, _ key: String, _ read: (JSON) -> SentMessage?) -> SentReading {
        guard let entries = page[key]?.array else { return .unavailable(reason: "unreadable") }
        return .page(entries.compactMap(read), next: page["next_page_uri"]?.string, isCut: false)
    }
}

/// What we sent, as Twilio's lists show it.
private enum TwilioSent {
    static func message(_ resource: JSON) -> SentMessage? {
        guard let sid = resource["sid"]?.string, TwilioSID.isPlausible(sid),
            resource["direction"]?.string == "outbound-api", let to = resource["to"]?.string,
            let takenAt = created(resource)
        else { return nil }
        let prefix = "whatsapp:"
        let channel: Channel = to.hasPrefix(prefix) ? .whatsapp : .sms
        let bare = { (address: String) in address.hasPrefix(prefix) ? String(address.dropFirst(prefix.count)) : address
        }
        return SentMessage(
            providerID: sid, channel: channel, sender: bare(resource["from"]?.string ?? ""),
            service: resource["messaging_service_sid"]?.string, address: bare(to), words: resource["body"]?.string,
            takenAt: takenAt)
    }

    static func call(_ resource: JSON) -> SentMessage? {
        guard let sid = resource["sid"]?.string, TwilioSID.isPlausible(sid),
            resource["direction"]?.string == "outbound-api", let to = resource["to"]?.string,
            let from = resource["from"]?.string, let takenAt = created(resource)
        else { return nil }
        return SentMessage(
            providerID: sid, channel: .voice, sender: from, service: nil, address: to, words: nil, takenAt: takenAt)
    }

    private static func created(_ resource: JSON) -> Instant? {
        resource["date_created"]?.string.flatMap({ WireDate($0) })?.instant
    }
}

/// What we sent, as SendGrid's e-mail logs show it.
private enum SendGridSent {
    static func read(_ page: JSON) -> SentReading {
        guard let entries = page["messages"]?.array else { return .unavailable(reason: "unreadable") }
        return .page(entries.compactMap(mail), next: nil, isCut: entries.count >= SendGridAPI.logPageSize)
    }

    private static func mail(_ entry: JSON) -> SentMessage? {
        guard let id = SendGridReport.receipt(logged: entry)?.providerID, let to = entry["to_email"]?.string,
            let from = entry["from_email"]?.string,
            let created = entry["sg_message_id_created_at"]?.string.flatMap({ WireDate(iso8601: $0) })?.instant
        else { return nil }
        return SentMessage(
            providerID: id, channel: .email, sender: from, service: nil, address: to, words: entry["subject"]?.string,
            takenAt: created)
    }
}

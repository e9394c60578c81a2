import Delivery

/// What the Event Webhook says about a mail.
enum MailNews: Sendable, Equatable {
    case processed
    case deferred(attempt: Int)
    case delivered
    case bounce
    case blocked
    case dropped(reason: String)
    case open
    case click
    case spamReport
    case unsubscribe

    /// The name in the `event` member.
    var name: String {
        switch self {
        case .processed: "processed"
        case .deferred: "deferred"
        case .delivered: "delivered"
        case .bounce, .blocked: "bounce"
        case .dropped: "dropped"
        case .open: "open"
        case .click: "click"
        case .spamReport: "spamreport"
        case .unsubscribe: "unsubscribe"
        }
    }

    /// The summary in the e-mail logs; `nil` when the event does not change it.
    var status: String? {
        switch self {
        case .processed: "processed"
        case .deferred: "deferred"
        case .delivered, .open, .click: "delivered"
        case .bounce: "bounced"
        case .blocked: "blocked"
        case .dropped: "dropped"
        case .spamReport, .unsubscribe: nil
        }
    }

    /// Why later mail to the address is dropped; `nil` when the event suppresses nothing.
    var suppression: String? {
        switch self {
        case .bounce: "Bounced Address"
        case .spamReport: "Spam Reporting Address"
        case .unsubscribe: "Unsubscribed Address"
        case .processed, .deferred, .delivered, .blocked, .dropped, .open, .click: nil
        }
    }

    /// The members only this event has.
    var details: [JSON.Member] {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
        return switch self {
        case .processed, .spamReport, .unsubscribe: []
        case .deferred(let attempt):
            MailNews.members(["response": "450 4.2.1 try again later", "attempt": .string(String(attempt))])
        case .delivered:
            MailNews.members(["response": "250 2.0.0 OK", "ip": "192.0.2.10", "tls": 1])
        case .bounce:
            MailNews.members([
                "reason": "550 5.1.1 The email account that you tried to reach does not exist", "status": "5.1.1",
                "type": "bounce", "bounce_classification": "Invalid Address", "ip": "192.0.2.10", "tls": 1,
            ])
        case .blocked:
            MailNews.members([
                "reason": "550 5.7.1 Message refused by policy", "status": "5.7.1", "type": "blocked",
                "bounce_classification": "Reputation", "ip": "192.0.2.10", "tls": 1,
            ])
        case .dropped(let reason): MailNews.members(["reason": .string(reason), "status": "5.0.0"])
        case .open:
            MailNews.members(["useragent": .string(agent), "ip": "192.0.2.20", "sg_content_type": "html"])
        case .click:
            MailNews.members([
                "url": "https://example.com/", "url_offset": ["index": 0, "type": "html"],
                "useragent": .string(agent), "ip": "192.0.2.20",
            ])
        }
    }

    private static func members(_ object: JSON) -> [JSON.Member] { object.members ?? [] }
}

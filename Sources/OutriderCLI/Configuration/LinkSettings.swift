import Delivery
import Providers

/// How people leave offers by e-mail: by a link that workers make and gateways read.
struct LinkSettings: Sendable {
    /// The same for all workers and gateways. Nil: mails carry no link.
    let key: Secret?
    /// Read by gateways only: the other key during a rotation.
    let secondary: Secret?
    /// Where people may write to instead.
    let mailbox: String?

    init(_ reader: inout SettingsReader) {
        let remedy = "Give all workers and gateways the same, for example from: openssl rand -hex 32"
        key = reader.optional("OUTRIDER_LINK_KEY", .key, remedy: remedy)
        secondary = reader.optional("OUTRIDER_LINK_KEY_SECONDARY", .key, remedy: remedy)
        mailbox = reader.optional("OUTRIDER_UNSUBSCRIBE_EMAIL", .mailbox)
    }

    /// For workers: nil where they cannot make any.
    var made: UnsubscribeLinks? { key.map { UnsubscribeLinks(secrets: [$0.exposed], mailbox: mailbox) } }

    /// For gateways.
    var read: UnsubscribeLinks { UnsubscribeLinks(secrets: [key, secondary].compactMap(\.self).map(\.exposed)) }

    /// What doctor says where mail is sent.
    func finding(publicURL: String?) -> Finding {
        let missing = [publicURL == nil ? PublicAddress.name : nil, key == nil ? "OUTRIDER_LINK_KEY" : nil]
            .compactMap(\.self)
        guard missing.isEmpty else {
            return .warning(
                "unsubscribe",
                "offers by e-mail carry no List-Unsubscribe header: \(missing.joined(separator: " and ")) not set",
                "Set it, the same for all workers and gateways. Large mailbox providers refuse offers without the header."
            )
        }
        return .fine("unsubscribe", "offers by e-mail carry a link that one click is enough for")
    }
}

extension SettingShape where Value == Secret {
    static let key = SettingShape(expected: "16 to 255 printable characters without spaces") { text in
        printable(text, 16...255) ? Secret(text) : nil
    }
}

extension SettingShape where Value == String {
    static let mailbox = SettingShape(expected: "an e-mail address such as leave@example.com") { text in
        (try? EmailAddress(text)) == nil ? nil : text
    }
}

import Delivery
import Gateway
import Signing

/// How the gateway is reached.
struct GatewaySettings: Sendable {
    let listen: ListenAddress
    /// The address providers call, as configured and never as a request's `Host` claims.
    let publicURL: String
    /// Who may open the operator page and the metrics; nobody needs a password while this machine alone reaches them.
    let operatorUser: String?
    let operatorPassword: Secret?
    /// People who sign in each by name, and then act.
    let people: [PersonSetting]
    /// A second login, with the role `outrider_operator`: through it people act on the page. Without it the page only reads.
    let operatorDatabase: Secret?
    let links: LinkSettings

    init?(_ reader: inout SettingsReader) {
        let listen = reader.value(
            "OUTRIDER_LISTEN", .listenAddress, default: ListenAddress(host: "127.0.0.1", port: 8080))
        let publicURL = PublicAddress.required(&reader)
        let both = "OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD go together."
        let hasLogin = reader.isGiven("OUTRIDER_OPERATOR_USER") || reader.isGiven("OUTRIDER_OPERATOR_PASSWORD")
        operatorUser = hasLogin ? reader.required("OUTRIDER_OPERATOR_USER", .word, remedy: both) : nil
        operatorPassword = hasLogin ? reader.required("OUTRIDER_OPERATOR_PASSWORD", .token, remedy: both) : nil
        people = reader.value("OUTRIDER_OPERATOR_PEOPLE", .people, default: []) ?? []
        operatorDatabase = reader.optional("OUTRIDER_OPERATOR_DATABASE_URL", .databaseURL)
        links = LinkSettings(&reader)
        guard let listen, let publicURL else { return nil }
        (self.listen, self.publicURL) = (listen, publicURL)
    }

    func configuration(_ webhooks: WebhookSettings, names: AddressNames = AddressNames()) -> GatewayConfiguration {
        var access: GatewayConfiguration.OperatorAccess?
        if let operatorUser, let operatorPassword {
            access = .init(user: operatorUser, password: operatorPassword.exposed)
        }
        return GatewayConfiguration(
            host: listen.host, port: listen.port, publicURL: publicURL,
            twilioAuthTokens: webhooks.twilioTokens.map(\.exposed), sendGridPublicKey: webhooks.sendGridPublicKey,
            operatorAccess: access, people: people.map { .init(user: $0.name, password: $0.password.exposed) },
            isOpenWithoutPassword: isPrivate, links: links.read, names: names)
    }

    /// Whether anybody can see the page.
    var isPageOpen: Bool { operatorUser != nil || !people.isEmpty || isPrivate }

    /// Only this machine reaches the gateway. Where providers reach it by another address, a proxy stands in front of
    /// loopback, and what comes from loopback may come from anywhere.
    var isPrivate: Bool { listen.isLoopback && PublicAddress.isLoopback(publicURL) }
}

/// Somebody who signs in to the operator page by name.
struct PersonSetting: Sendable, Equatable {
    let name: String
    let password: Secret
}

/// What proves that a webhook comes from a provider: for at least one of them.
struct WebhookSettings: Sendable {
    /// The account's token, and during a rotation the other one. Empty: every Twilio webhook is refused.
    let twilioTokens: [Secret]
    /// Without it every SendGrid webhook is refused.
    let sendGridPublicKey: String?

    init(_ reader: inout SettingsReader) {
        let hasSendGrid = reader.isGiven("SENDGRID_WEBHOOK_PUBLIC_KEY")
        let isTwilioWanted = reader.isGiven("TWILIO_AUTH_TOKEN") || TwilioSettings.isGiven(reader) || !hasSendGrid
        let token =
            isTwilioWanted
            ? reader.required("TWILIO_AUTH_TOKEN", .token, remedy: "Copy it from the Twilio console, Account Info.")
            : nil
        let secondary = reader.optional("TWILIO_AUTH_TOKEN_SECONDARY", .token)
        twilioTokens = [token, secondary].compactMap(\.self)
        sendGridPublicKey = reader.optional(
            "SENDGRID_WEBHOOK_PUBLIC_KEY", .publicKey,
            remedy: "Copy it from SendGrid's settings, Mail settings, Event Webhook, Signature verification.")
    }
}

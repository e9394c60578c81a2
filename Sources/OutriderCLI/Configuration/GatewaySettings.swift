/// How the gateway is reached.
struct GatewaySettings: Sendable {
    let listen: ListenAddress
    /// The address providers call, as configured and never as a request's `Host` claims.
    let publicURL: String
    /// Who may open the operator page; nobody needs a password while it listens on loopback alone.
    let operatorUser: String?
    let operatorPassword: Secret?

    init?(_ reader: inout SettingsReader) {
        let listen = reader.value(
            "OUTRIDER_LISTEN", .listenAddress, default: ListenAddress(host: "127.0.0.1", port: 8080))
        let publicURL = PublicAddress.read(&reader)
        let both = "User and password go together."
        let hasLogin = reader.isGiven("OUTRIDER_OPERATOR_USER") || reader.isGiven("OUTRIDER_OPERATOR_PASSWORD")
        operatorUser = hasLogin ? reader.required("OUTRIDER_OPERATOR_USER", .word, remedy: both) : nil
        operatorPassword = hasLogin ? reader.required("OUTRIDER_OPERATOR_PASSWORD", .token, remedy: both) : nil
        guard let listen, let publicURL else { return nil }
        (self.listen, self.publicURL) = (listen, publicURL)
    }
}

enum PublicAddress {
    /// Shared by the gateway, which checks signatures with it, and the worker, which puts it into callback URLs.
    static func read(_ reader: inout SettingsReader) -> String? {
        reader.required(
            "OUTRIDER_PUBLIC_URL", .publicAddress,
            remedy:
                "Set it to the address under which the providers reach the gateway, for example https://notify.example.com."
        )
    }
}

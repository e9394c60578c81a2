import ArgumentParser

/// Where a server listens.
struct ListenAddress: Sendable, Equatable {
    let host: String
    /// 0 takes a free port.
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; an IPv6 host stands in brackets.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// Reachable from this machine alone.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

extension ListenAddress: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }

    var defaultValueDescription: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// An http(s) address as an argument.
struct WebAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let text = SettingShape<String>.webAddress.read(argument) else { return nil }
        self.text = text
    }
}

/// The address at which providers reach the gateway. The gateway checks signatures with it, the worker puts it into
/// callback URLs.
enum PublicAddress {
    static let name = "OUTRIDER_PUBLIC_URL"
    static let remedy =
        "Set it to the address under which the providers reach the gateway, for example https://notify.example.com."

    /// Whether only this machine can reach it.
    static func isLoopback(_ address: String) -> Bool {
        ["http://", "https://"].contains { scheme in
            ["localhost", "127.0.0.1"].contains { host in
                address == scheme + host || address.hasPrefix(scheme + host + ":")
                    || address.hasPrefix(scheme + host + "/")
            }
        }
    }

    static func required(_ reader: inout SettingsReader) -> String? {
        reader.required(name, .publicAddress, remedy: remedy)
    }

    static func optional(_ reader: inout SettingsReader) -> String? {
        reader.optional(name, .publicAddress, remedy: remedy)
    }
}

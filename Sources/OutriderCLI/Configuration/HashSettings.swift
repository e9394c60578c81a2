import Delivery
import Signing

/// With which key addresses are hashed for logs and pages.
struct HashSettings: Sendable {
    let names: AddressNames

    init(_ reader: inout SettingsReader) {
        let remedy = "Give all processes the same, for example from: openssl rand -hex 32"
        guard let key = reader.optional("OUTRIDER_HASH_KEY", .key, remedy: remedy) else {
            names = AddressNames()
            return
        }
        names = AddressNames { address in
            Array(hmacSHA256(key: Array(key.exposed.utf8), message: Array("address \(address)".utf8)).prefix(6))
                .hexEncoded
        }
    }

    /// For a command.
    static func names() async throws -> AddressNames { try await Environment.settings { HashSettings(&$0) }.names }
}

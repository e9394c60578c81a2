import Delivery
import Signing

/// With which keys contents of jobs are sealed and opened.
struct SealSettings: Sendable {
    /// Without a key where none is set: what is enqueued is stored as it stands.
    let seal: TextSeal

    init(_ reader: inout SettingsReader) {
        seal =
            reader.optional(
                "OUTRIDER_SEAL_KEYS", .sealKeys,
                remedy: "Give all workers, and whoever enqueues, the same. Make a key with: openssl rand -base64 32")
            ?? TextSeal()
    }

    /// For a command.
    static func seal() async throws -> TextSeal { try await Environment.settings { SealSettings(&$0) }.seal }
}

extension SettingShape where Value == TextSeal {
    static let sealKeys = SettingShape(
        expected:
            "id:key, with commas between several; an id of 1 to 32 of a-z, 0-9, - and _, a key of 32 bytes in base64"
    ) { TextSeal(keys: $0) }
}

extension SealedWords {
    /// The value of `jobs.sealed`; nil without a key.
    func sealed(by seal: TextSeal, address: String?, phone: String?, email: String?) -> String? {
        seal.seal(encoded, for: Self.purpose, of: SealedContent("", address: address, phone: phone, email: email).owner)
    }
}

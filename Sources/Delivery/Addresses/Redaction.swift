/// The shape of an address, safe to log: enough to recognise a value one already knows, too little to learn it.
///
/// Only this type's factories make one, so a value of this type is safe wherever it came from.
public struct Redaction: Sendable, Hashable, CustomStringConvertible {
    /// For a phone number `+1…67`, for an e-mail address `a…@…le.com`; `…` when less than that would give it away.
    public let description: String

    /// `+1…67`: the first and last two characters, if there are at least eight and they look like a phone number.
    /// Anything else may be a secret pasted into the wrong field, and shows nothing.
    public static func phoneNumber(_ text: String) -> Redaction {
        let characters = Array(text.utf8)
        guard characters.count >= 8, characters.allSatisfy(isPhoneCharacter) else { return hidden }
        return Redaction(description: "\(text.prefix(2))…\(text.suffix(2))")
    }

    /// `a…@…le.com`: the first character before the `@`, two characters before the last dot, and what follows it.
    /// Parts short enough to be guessed from that are hidden too.
    public static func emailAddress(_ text: String) -> Redaction {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        // Anything but printable ASCII could break a log line, and one accented character can hide hundreds of bytes.
        guard parts.count == 2, text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }),
            let dot = parts[1].lastIndex(of: ".")
        else { return hidden }
        let name = parts[1][..<dot]
        guard !parts[0].isEmpty, !name.isEmpty else { return hidden }
        let local = parts[0].count > 1 ? "\(parts[0].prefix(1))…" : "…"
        let domain = name.count > 2 ? "…\(name.suffix(2))" : "…"
        return Redaction(description: "\(local)@\(domain)\(parts[1][dot...].prefix(8))")
    }

    private static let hidden = Redaction(description: "…")

    private static func isPhoneCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"):
            true
        default:
            false
        }
    }
}

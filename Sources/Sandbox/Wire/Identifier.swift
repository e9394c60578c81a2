/// Identifiers as the providers make them. Always fresh, whatever the seed: a database that outlives one sandbox must never meet
/// the same identifier twice.
enum Identifier {
    /// A Twilio sid: two letters and 32 lowercase hexadecimal digits.
    static func sid(_ prefix: String) -> String {
        prefix + hex(UInt64.random(in: .min ... .max)) + hex(UInt64.random(in: .min ... .max))
    }

    /// A URL-safe token of `length` characters, as SendGrid uses for message and event ids.
    static func token(_ length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }

    /// Whether `text` is a sid with one of `prefixes`.
    static func isSid(_ text: String, _ prefixes: String...) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 34, prefixes.contains(String(text.prefix(2))) else { return false }
        return bytes.dropFirst(2).allSatisfy {
            ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66 || (0x30...0x39).contains($0)
        }
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

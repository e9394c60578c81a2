import Foundation

/// The provider's reading of a telephone number.
enum DialedNumber {
    /// `text` in E.164 without the punctuation Twilio forgives; `nil` when it is no dialable number.
    static func normalized(_ text: String) -> String? {
        let kept = text.filter { !" -().".contains($0) }
        guard kept.hasPrefix("+") else { return nil }
        let digits = kept.dropFirst()
        guard (8...15).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard digits.first != "0", digits.first != "1" || digits.utf8.count == 11 else { return nil }
        return kept
    }

    /// Whether `text` is a short code: three to six digits.
    static func isShortCode(_ text: String) -> Bool {
        (3...6).contains(text.utf8.count) && text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    }

    /// Whether `text` is an alphanumeric sender: up to eleven characters, at least one letter.
    static func isAlphanumericSender(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf) || " +-_&".utf8.contains(byte)
        }
        return (1...11).contains(text.utf8.count) && isAllowed && text.contains(where: \.isLetter)
    }

    /// `(415) 867-5309` for a North American number, the number itself for all others.
    static func national(_ number: String) -> String {
        guard number.hasPrefix("+1"), number.utf8.count == 12 else { return number }
        let digits = number.dropFirst(2)
        return "(\(digits.prefix(3))) \(digits.dropFirst(3).prefix(3))-\(digits.suffix(4))"
    }
}

/// The shape SendGrid demands of an e-mail address.
enum MailAddress {
    /// Whether `text` has the form `local@domain.tld`, ASCII only, at most 254 characters.
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, !parts[0].isEmpty else { return false }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
    }
}

/// The provider's rules for a URL it is asked to call back.
enum CallbackAddress {
    /// Whether `text` is an absolute http(s) URL whose host has a valid name (underscores are refused).
    static func isCallable(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return false }
        guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else { return false }
        return host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf) || "-.:[]".utf8.contains(byte)
        }
    }
}

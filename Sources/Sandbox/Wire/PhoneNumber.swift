/// The provider's reading of a telephone number.
enum PhoneNumber {
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

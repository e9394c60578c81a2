/// Words that SendGrid gives or brings back: message ids, and the token of an attempt.
enum SendGridID {
    /// Whether the text may be one: visible ASCII, fit for a column and a log line. SendGrid documents no form; PostgreSQL
    /// refuses a zero byte, and one event that cannot be stored must not cost its batch.
    static func isPlausible(_ text: some StringProtocol) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

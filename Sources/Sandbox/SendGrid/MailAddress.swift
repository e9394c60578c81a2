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

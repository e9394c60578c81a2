/// A second line of defence: no metadata should hold a phone number or an e-mail address, and if one does, the log shows
/// its shape.
enum Redactor {
    static func redacted(_ text: String) -> String {
        guard
            text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") })
        else { return text }
        return text.replacing(#/(\+|%2[Bb])[1-9][0-9]{6,14}/#) { "\($0.0.prefix(2))…\($0.0.suffix(2))" }
            .replacing(#/[^\s"'<>=:,;\/@]{1,64}@[A-Za-z0-9.-]+/#) { "\($0.0.prefix(1))…@…" }
    }
}

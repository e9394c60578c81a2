/// Keeps values out of PostgreSQL's primary messages.
enum ServerMessage {
    /// Data errors (class 22) quote the value they refuse, e.g. `invalid input syntax for type uuid: "…"`. Everything between
    /// the first and the last quote is blanked, because the value may hold quotes itself, and so is what follows a colon.
    static func blanked(_ message: String, _ state: SQLState) -> String {
        guard state.errorClass == "22" else { return message }
        var text = message
        if let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\""), first < last {
            text.replaceSubrange(first...last, with: "…")
        }
        guard let colon = text.firstIndex(of: ":") else { return text }
        return String(text[..<colon])
    }
}

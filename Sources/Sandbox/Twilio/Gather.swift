/// The one verb a simulated person reacts to.
enum Gather {
    /// The `action` of the first `<Gather>` in `twiml`, its entities resolved; `nil` when there is none.
    static func action(in twiml: String) -> String? {
        guard let verb = twiml.firstRange(of: "<Gather") else { return nil }
        let tag = twiml[verb.upperBound...].prefix { $0 != ">" }
        guard let attribute = tag.firstRange(of: " action=") else { return nil }
        let value = tag[attribute.upperBound...]
        guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
        return String(value.dropFirst().prefix { $0 != quote })
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&apos;", with: "'").replacing("&amp;", with: "&")
    }
}

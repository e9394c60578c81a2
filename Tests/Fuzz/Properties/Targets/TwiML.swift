import Delivery

/// Byte 1: how often; line 1: a language; line 2: a voice; then the text. The document is well-formed and says exactly
/// the text.
func checkTwiML(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let times = Int(input.byte() % 12)
    let language = SpokenLanguage(language: input.line(), voice: input.line())
    let text = input.text()
    if let local = SpokenLanguage(locale: language.language) {
        try require((3...6).contains(local.language.utf8.count), "a locale's language is \(local.language)")
        try require(local.voice != nil, "\(local.language) has no voice")
    }
    switch made(text, language, times) {
    case .success(let document):
        try require(document.utf16.count <= 4_000, "a document of \(document.utf16.count) characters")
        try require((1...10).contains(times), "said \(times) times")
        try checkDocument(document, says: legal(text), in: language, times: times)
    case .failure(.nothingToSay):
        try require(text.isBlank || !legal(text).contains { $0 > " " && $0 < "\u{7F}" }, "there was something to say")
    case .failure(.noVoice):
        throw Violation(description: "a language that is named has no voice")
    case .failure(.repeatsOutOfRange):
        try require(!(1...10).contains(times), "\(times) times are refused")
    case .failure(.tooLong(let characters)):
        try require(characters > 4_000, "\(characters) characters are refused")
    }
}

private func made(_ text: String, _ language: SpokenLanguage, _ times: Int) -> Result<String, TwiMLError> {
    do throws(TwiMLError) {
        return .success(try TwiML(saying: text, in: language, times: times).document)
    } catch {
        return .failure(error)
    }
}

/// What XML 1.0 can carry of a text.
private func legal(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
        "\t\n\r".unicodeScalars.contains(scalar) || scalar >= " " && scalar.value != 0xfffe && scalar.value != 0xffff
    }
}

/// Reads the document by its whole grammar, by scalars: a combining character must not hide a bracket.
private func checkDocument(
    _ document: String, says text: [Unicode.Scalar], in language: SpokenLanguage, times: Int
) throws(Violation) {
    var rest = document.unicodeScalars[...]
    try take("<Response>", from: &rest)
    for _ in 0..<times {
        try take("<Pause length=\"1\"/><Say voice=\"", from: &rest)
        try require(try characters(from: &rest) == legal(language.voice ?? ""), "another voice")
        try take("\" language=\"", from: &rest)
        try require(try characters(from: &rest) == legal(language.language), "another language")
        try take("\">", from: &rest)
        try require(try characters(from: &rest) == text, "another text")
        try take("</Say>", from: &rest)
    }
    try take("</Response>", from: &rest)
    try require(rest.isEmpty, "something behind the document")
}

private func take(_ markup: String, from rest: inout Substring.UnicodeScalarView) throws(Violation) {
    try require(rest.starts(with: markup.unicodeScalars), "\(markup) is missing")
    rest = rest.dropFirst(markup.unicodeScalars.count)
}

/// Character data up to the next bracket or quotation mark, with its references resolved.
private func characters(from rest: inout Substring.UnicodeScalarView) throws(Violation) -> [Unicode.Scalar] {
    let references: [String: Unicode.Scalar] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    var text: [Unicode.Scalar] = []
    while let scalar = rest.first, !"<>\"'".unicodeScalars.contains(scalar) {
        rest.removeFirst()
        guard scalar == "&" else {
            text.append(scalar)
            continue
        }
        let name = rest.prefix { $0 != ";" }
        guard let character = references[String(name)] else { throw Violation(description: "a bare ampersand") }
        rest = rest.dropFirst(name.count + 1)
        text.append(character)
    }
    return text
}

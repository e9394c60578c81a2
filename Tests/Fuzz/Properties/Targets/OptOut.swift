import Delivery

/// No word is lost for its case, or for what stands around it and says nothing; nor does an order of bytes stop the reader.
func checkOptOut(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let space = input.pick(["", " ", "\n", "\r\n", "\t", "\u{a0}", "\u{2003}", " \r\n ", "\u{200b}", "\u{fe0f}"])
    let message = input.text()
    let keyword = OptOutKeyword(message: message)
    try require(OptOutKeyword(message: space + message + space) == keyword, "space around it matters")
    if let listed = byTheList(message) { try require(keyword == listed, "a word of the list is not read") }
    guard let keyword else { return }
    try require(OptOutKeyword(message: message + "\n-- \nAnn") == keyword, "a signature matters")
    try require(OptOutKeyword(message: "do not " + message) != keyword, "a sentence is taken for a word")
    if let type = OptOutKeyword(optOutType: message) { try require(type == keyword, "two meanings of a word") }
}

private let words: [OptOutKeyword: [String]] = [
    .stop: [
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "arrete", "arrett",
    ],
    .start: ["start", "yes", "unstop"],
    .help: ["help", "info"],
]

/// The provider's own words, alone in a message.
private func byTheList(_ message: String) -> OptOutKeyword? {
    let text = message.unicodeScalars.drop(while: \.properties.isWhitespace)
    guard let end = text.lastIndex(where: { !$0.properties.isWhitespace }) else { return nil }
    let word = Substring(text[...end]).utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    return words.first { $0.value.contains { word.elementsEqual($0.utf8) } }?.key
}

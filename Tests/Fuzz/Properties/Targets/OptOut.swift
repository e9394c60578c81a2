import Delivery

/// No STOP is lost for its case or the space around it, and nothing else is taken for one.
func checkOptOut(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let space = input.pick(["", " ", "\n", "\r\n", "\t", "\u{a0}", "\u{2003}", " \r\n "])
    let message = input.text()
    let keyword = OptOutKeyword(message: message)
    try require(keyword == byTheList(message), "\(keyword.map(\.rawValue) ?? "nothing") for another word")
    try require(OptOutKeyword(message: space + message + space) == keyword, "space around it matters")
    try require(OptOutKeyword(message: swapped(message)) == keyword, "case matters")
    guard keyword != nil else { return }
    try require(OptOutKeyword(message: message + " please") == nil, "a sentence is taken for a word")
    if let type = OptOutKeyword(optOutType: message) { try require(type == keyword, "two meanings of a word") }
}

private let words: [OptOutKeyword: [String]] = [
    .stop: [
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "arrete", "arrett",
    ],
    .start: ["start", "yes", "unstop"],
    .help: ["help", "info"],
]

private func byTheList(_ message: String) -> OptOutKeyword? {
    let text = message.unicodeScalars.drop(while: \.properties.isWhitespace)
    guard let end = text.lastIndex(where: { !$0.properties.isWhitespace }) else { return nil }
    let word = Substring(text[...end]).utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    return words.first { $0.value.contains { word.elementsEqual($0.utf8) } }?.key
}

private func swapped(_ message: String) -> String {
    let bytes = message.utf8.map { (0x41...0x5a).contains($0 & 0xdf) ? $0 ^ 0x20 : $0 }
    return String(decoding: bytes, as: UTF8.self)
}

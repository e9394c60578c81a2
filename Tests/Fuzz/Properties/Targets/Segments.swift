import Delivery

/// Any text: its segments hold it, and a longer text never makes fewer.
func checkSegments(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let text = input.text()
    let segments = SMSSegments(text)
    try require(segments.count >= 1 && segments.units >= 0, "\(segments.count) segments")
    try require(segments.characters == text.unicodeScalars.count, "\(segments.characters) characters")
    let encoding = segments.encoding
    let capacity = segments.count == 1 ? encoding.unitsInSingleSegment : segments.count * encoding.unitsInJoinedSegment
    try require(segments.units <= capacity, "\(segments.units) units in \(segments.count) segments")
    try require(segments.count <= max(1, segments.units), "more segments than units")
    if encoding == .ucs2 { try require(segments.units == text.utf16.count, "\(segments.units) UTF-16 units") }
    let longer = SMSSegments(text + " and more")
    try require(longer.count >= segments.count, "a longer text makes fewer segments")
    try require(longer.encoding == encoding, "plain letters change the encoding")
}

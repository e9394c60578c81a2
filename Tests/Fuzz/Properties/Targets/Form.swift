import Foundation
import Signing

/// A body is refused for a fault that is there, or it means the same after writing and reading again.
func checkForm(_ body: [UInt8]) throws(Violation) {
    let form: FormParameters
    do {
        form = try FormParameters(parsing: body)
    } catch {
        return try checkRefusal(of: body, error)
    }
    let size = form.pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    try require(size <= body.count, "decoding added bytes: \(body.count) became \(size)")
    let parts = body.split(separator: UInt8(ascii: "&")).count
    try require(form.pairs.count == parts, "\(parts) pairs were written, \(form.pairs.count) read")
    try checkDecoding(of: body, form)
    for (space, legal) in [(FormParameters.SpaceStyle.plus, "+"), (.percent, "")] {
        let text = form.encoded(space: space)
        try require(text.utf8.allSatisfy { isFormByte($0, besides: legal) }, "encoded with a byte that must be escaped")
        let again = try? FormParameters(parsing: Array(text.utf8))
        try require(again == form, "another form after writing and reading")
    }
    for pair in form.pairs {
        try require(form.values(of: pair.name).contains { $0.utf8.elementsEqual(pair.value.utf8) }, "a value is lost")
        try require(form[pair.name] != nil, "a name is lost")
    }
}

/// Foundation's decoder, asked pair by pair, reads the same.
private func checkDecoding(of body: [UInt8], _ form: FormParameters) throws(Violation) {
    for (part, pair) in zip(body.split(separator: UInt8(ascii: "&")), form.pairs) {
        let fields = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        for (field, read) in zip(fields + [[]], [pair.name, pair.value]) {
            let spaced = field.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
            // An escape may stand in the middle of a character.
            guard let text = String(validating: spaced, as: UTF8.self), let decoded = text.removingPercentEncoding
            else { continue }
            try require(decoded.utf8.elementsEqual(read.utf8), "decoded to something else")
        }
    }
}

private func isFormByte(_ byte: UInt8, besides legal: String) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "-._~%&=".utf8.contains(byte) || legal.utf8.contains(byte)
    }
}

private func checkRefusal(of body: [UInt8], _ error: FormError) throws(Violation) {
    switch error {
    case .malformedEscape(let offset):
        let digits = body[offset...].dropFirst().prefix(2)
        let isEscape = digits.count == 2 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        try require(body[offset] == UInt8(ascii: "%") && !isEscape, "a proper escape at \(offset) was refused")
    case .invalidUTF8(let pair):
        let part = body.split(separator: UInt8(ascii: "&"))[pair]
        let isPlain = part.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") }
        try require(!isPlain, "pair \(pair) is plain ASCII and was refused")
    case .tooManyPairs(let limit):
        let parts = body.split(separator: UInt8(ascii: "&")).count
        try require(parts > limit, "\(parts) pairs were refused by a limit of \(limit)")
    }
}

import Delivery

/// A provider's word, made fit to be a key and to be logged.
enum StatusWord {
    /// Lower case, at most 40 characters of `a–z`, `0–9`, `-`, `_` and `.`; every other character becomes `_`. An
    /// unknown word is kept in this form, because providers add words.
    static func clean(_ text: String) -> String {
        let bytes = text.utf8.prefix(40).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "."):
                byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// A base URL that a path can be appended to.
    var withoutTrailingSlashes: String {
        var text = self
        while text.last == "/" { text.removeLast() }
        return text
    }
}

extension JSON {
    /// A whole number, or a text that is one: providers are not consistent about which.
    var wholeNumber: Int? { integer ?? string.flatMap { Int($0) } }

    /// An object whose members stand in the order of their names, so that the same members always make the same bytes.
    init(members: [String: JSON]) {
        self = .object(members.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: $0.value) })
    }
}

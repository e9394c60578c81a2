/// PostgreSQL's text form of a one-dimensional array: https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
enum ArrayLiteral {
    static func joined(_ elements: [String]) -> String {
        "{" + elements.joined(separator: ",") + "}"
    }

    /// Every element is quoted, so that an empty string, `NULL` as a word, commas and braces stay data.
    static func quoted(_ elements: [String?]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        bytes.reserveCapacity(elements.reduce(2) { $0 + ($1?.utf8.count ?? 4) + 3 })
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let element else {
                bytes += "NULL".utf8
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The elements of a one-dimensional array in text form; nil when `text` is not one.
    static func elements(of text: String) -> [String?]? {
        var scalars = text.unicodeScalars[...]
        guard scalars.popFirst() == "{", scalars.popLast() == "}" else { return nil }
        var elements: [String?] = []
        while !scalars.isEmpty {
            guard let element = nextElement(&scalars) else { return nil }
            elements.append(element.value)
            guard let separator = scalars.popFirst() else { return elements }
            guard separator == ",", !scalars.isEmpty else { return nil }
        }
        return elements
    }

    private struct Element { var value: String? }

    private static func nextElement(_ scalars: inout Substring.UnicodeScalarView) -> Element? {
        guard scalars.first == "\"" else {
            let word = scalars.prefix { $0 != "," }
            scalars = scalars.dropFirst(word.count)
            guard !word.isEmpty, !word.contains("{") else { return nil }
            return String(word) == "NULL" ? Element(value: nil) : Element(value: String(word))
        }
        scalars.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"": return Element(value: String(value))
            case "\\":
                guard let escaped = scalars.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(scalar)
            }
        }
        return nil
    }
}

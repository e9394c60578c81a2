/// Letters and digits as plain capitals of ASCII, whatever their accents, width, font or frame.
enum LetterFold {
    /// Nil for what is neither a letter nor a digit. A letter of another script is as it was.
    static func fold(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A: return String(scalar)
        case 0x61...0x7A: return capital(scalar.value - 0x61)
        case 0xC0...0x17F: return latin[scalar.value]
        case 0xFF10...0xFF19: return digit(scalar.value - 0xFF10)
        case 0xFF21...0xFF3A: return capital(scalar.value - 0xFF21)
        case 0xFF41...0xFF5A: return capital(scalar.value - 0xFF41)
        // Mathematical letters: 13 fonts of 26 capitals and 26 small ones.
        case 0x1D400...0x1D6A3: return capital((scalar.value - 0x1D400) % 26)
        case 0x24B6...0x24CF: return capital(scalar.value - 0x24B6)
        case 0x24D0...0x24E9: return capital(scalar.value - 0x24D0)
        case 0x1F130...0x1F149: return capital(scalar.value - 0x1F130)
        case 0x1F150...0x1F169: return capital(scalar.value - 0x1F150)
        case 0x1F170...0x1F189: return capital(scalar.value - 0x1F170)
        // Some of them had a place before: 𝐻 is ℎ in italics.
        case 0x2100...0x214F: return letterlike[scalar.value]
        case 0x218...0x21B: return ["S", "S", "T", "T"][Int(scalar.value - 0x218)]
        case 0x1E9E: return "SS"
        case 0x1F1E6...0x1F1FF: return nil  // Halves of flags.
        default: return scalar.properties.isAlphabetic || isNumber(scalar) ? String(scalar) : nil
        }
    }

    private static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func capital(_ index: UInt32) -> String { letter(0x41 + index) }
    private static func digit(_ index: UInt32) -> String { letter(0x30 + index) }

    private static func letter(_ value: UInt32) -> String {
        Unicode.Scalar(value).map { String($0) } ?? ""
    }

    private static let letterlike: [UInt32: String] = [
        0x2102: "C", 0x210A: "G", 0x210B: "H", 0x210C: "H", 0x210D: "H", 0x210E: "H", 0x2110: "I", 0x2111: "I",
        0x2112: "L", 0x2113: "L", 0x2115: "N", 0x2119: "P", 0x211A: "Q", 0x211B: "R", 0x211C: "R", 0x211D: "R",
        0x2124: "Z", 0x2128: "Z", 0x212C: "B", 0x212D: "C", 0x212F: "E", 0x2130: "E", 0x2131: "F", 0x2133: "M",
        0x2134: "O", 0x212A: "K", 0x212B: "A",
    ]

    /// Latin letters with marks, U+00C0 to U+017F.
    private static let latin: [UInt32: String] = {
        let rows: [(String, String)] = [
            ("A", "ÀÁÂÃÄÅàáâãäåĀāĂăĄą"), ("AE", "Ææ"), ("C", "ÇçĆćĈĉĊċČč"), ("D", "ÐðĎďĐđ"),
            ("E", "ÈÉÊËèéêëĒēĔĕĖėĘęĚě"),
            ("G", "ĜĝĞğĠġĢģ"), ("H", "ĤĥĦħ"), ("I", "ÌÍÎÏìíîïĨĩĪīĬĭĮįİı"), ("IJ", "Ĳĳ"), ("J", "Ĵĵ"), ("K", "Ķķĸ"),
            ("L", "ĹĺĻļĽľĿŀŁł"), ("N", "ÑñŃńŅņŇňŉŊŋ"), ("O", "ÒÓÔÕÖØòóôõöøŌōŎŏŐő"), ("OE", "Œœ"), ("R", "ŔŕŖŗŘř"),
            ("S", "ŚśŜŝŞşŠšſ"), ("SS", "ß"), ("T", "ŢţŤťŦŧ"), ("TH", "Þþ"), ("U", "ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲų"), ("W", "Ŵŵ"),
            ("Y", "ÝýÿŶŷŸ"), ("Z", "ŹźŻżŽž"),
        ]
        var table: [UInt32: String] = [:]
        for (letter, marked) in rows {
            for scalar in marked.unicodeScalars { table[scalar.value] = letter }
        }
        return table
    }()
}

import Delivery
import Foundation
import Logging

/// One log event as one line: for people as text, for collectors as JSON.
struct LogLine {
    let time: Date
    let level: Logger.Level
    let label: String
    let message: String
    let metadata: Logger.Metadata
    var names = AddressNames()

    var text: String {
        let pairs = sortedPairs.map { key, value in
            " \(key)=\(value.unicodeScalars.contains(where: Self.needsQuotes) ? Self.quoted(value) : value)"
        }
        return "\(timestamp) \(level.rawValue) \(Self.oneLine(message))\(pairs.joined())"
    }

    var json: String {
        let fixed = [("time", timestamp), ("level", level.rawValue), ("logger", label), ("message", message)]
        let members = (fixed + sortedPairs).map { "\(Self.quoted($0)):\(Self.quoted($1))" }
        return "{\(members.joined(separator: ","))}"
    }

    private var timestamp: String {
        time.formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true))
    }

    private var sortedPairs: [(String, String)] {
        metadata.map { ($0.key, Redactor.redacted($0.value.description, names)) }.sorted { $0.0 < $1.0 }
    }

    /// What would end the value, or the line.
    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "=" || scalar.properties.isWhitespace || scalar.value < 0x20
    }

    private static func oneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

    /// A JSON string: https://www.rfc-editor.org/rfc/rfc8259#section-7
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || ["\u{7F}", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// A second line of defence: no metadata should hold a phone number or an e-mail address, and if one does, the log shows
/// its shape, and its hash where there is a key.
enum Redactor {
    static func redacted(_ text: String, _ names: AddressNames = AddressNames()) -> String {
        guard
            text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") })
        else { return text }
        // By scalar: a digit with a combining mark behind it is no digit to a pattern that reads by `Character`.
        let phone = #/(\+|%2[Bb])[1-9][0-9]{6,14}/#.matchingSemantics(.unicodeScalar)
        let mail = #/[^\s"'<>=:,;\/@]{1,64}@[A-Za-z0-9.-]+/#.matchingSemantics(.unicodeScalar)
        return text.replacing(phone) { match in
            let digits = match.0.dropFirst(match.1.count)
            return "\(match.0.prefix(2))…\(match.0.suffix(2))\(names.tag("+\(digits)") ?? "")"
        }.replacing(mail) { "\($0.0.prefix(1))…@…\(names.tag(String($0.0)) ?? "")" }
    }
}

import Postgres
import Signing

/// What a setting's text must look like, and how it is read.
struct SettingShape<Value: Sendable>: Sendable {
    /// The form in words that follow "expected", e.g. `AC and 32 hex digits`.
    let expected: String
    let read: @Sendable (String) -> Value?
}

extension SettingShape where Value == String {
    /// A prefix and 32 hexadecimal digits: Twilio's identifiers.
    static func identifier(_ prefix: String) -> SettingShape {
        SettingShape(expected: "\(prefix) and 32 hex digits") { text in
            let digits = text.dropFirst(prefix.count)
            let isValid =
                text.hasPrefix(prefix) && digits.count == 32 && digits.allSatisfy { $0.isHexDigit && $0.isASCII }
            return isValid ? text : nil
        }
    }

    /// An absolute http(s) address without query, fragment or credentials; a slash at its end is dropped.
    static let webAddress = SettingShape(expected: "https://host or http://host, without query or credentials") {
        text in
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix), !text.contains(where: \.isWhitespace),
            !text.contains(where: { "?#@\\".contains($0) })
        else { return nil }
        let address = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let first = address.dropFirst(scheme.count).first, first != "/", first != ":" else { return nil }
        return address
    }

    /// As `webAddress`; http only for this machine itself, because providers post people's replies there.
    static let publicAddress = SettingShape(expected: "https://host (http:// only for localhost and 127.0.0.1)") {
        text in
        guard let address = webAddress.read(text) else { return nil }
        return address.hasPrefix("https://") || PublicAddress.isLoopback(address) ? address : nil
    }

    /// A lower-case word such as `ie1` or `dublin`.
    static let place = SettingShape(expected: "a lower-case word such as ie1 or dublin") { text in
        let isValid =
            (2...32).contains(text.count)
            && text.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
        return isValid ? text : nil
    }

    static let publicKey = SettingShape(expected: "the base64 key of SendGrid's Event Webhook settings") { text in
        (try? ECDSAPublicKey(derBase64: text)) == nil ? nil : text
    }

    static let word = SettingShape(expected: "1 to 255 characters without spaces") { text in
        (1...255).contains(text.count) && !text.contains(where: \.isWhitespace) ? text : nil
    }
}

extension SettingShape where Value == Secret {
    static let databaseURL = SettingShape(expected: "postgresql://user@host:port/database or libpq keywords") { text in
        (try? PostgresConfiguration(url: text).validate()) == nil ? nil : Secret(text)
    }

    static let token = SettingShape(expected: "8 to 255 printable characters without spaces") { text in
        printable(text, 8...255) ? Secret(text) : nil
    }

    static let sendGridKey = SettingShape(expected: "SG. and at least 8 printable characters") { text in
        text.hasPrefix("SG.") && printable(text, 11...255) ? Secret(text) : nil
    }

    static func printable(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension SettingShape where Value == [PersonSetting] {
    /// People and their passwords, one a line or with spaces between them. No name stands there twice.
    static let people = SettingShape(
        expected: "name:password, one a line, each password of 8 to 255 printable characters without spaces"
    ) { text in
        let words = text.split(whereSeparator: \.isWhitespace)
        let people = words.compactMap { word -> PersonSetting? in
            let parts = word.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, (1...63).contains(parts[0].utf8.count),
                let password = SettingShape<Secret>.token.read(String(parts[1]))
            else { return nil }
            return PersonSetting(name: String(parts[0]), password: password)
        }
        let isWhole = !people.isEmpty && people.count == words.count && Set(people.map(\.name)).count == people.count
        return isWhole ? people : nil
    }
}

extension SettingShape where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingShape {
        SettingShape(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingShape where Value == Bool {
    static let flag = SettingShape(expected: "true or false") { text in
        switch text.lowercased() {
        case "true", "yes", "1": true
        case "false", "no", "0": false
        default: nil
        }
    }
}

extension SettingShape where Value == ListenAddress {
    static let listenAddress = SettingShape(
        expected: "host:port such as 127.0.0.1:8080 or [::]:8080"
    ) { ListenAddress($0) }
}

extension SettingShape where Value: RawRepresentable<String> & CaseIterable {
    static var oneOf: SettingShape {
        let words = Value.allCases.map(\.rawValue)
        return SettingShape(expected: words.joined(separator: ", ")) { Value(rawValue: $0.lowercased()) }
    }
}

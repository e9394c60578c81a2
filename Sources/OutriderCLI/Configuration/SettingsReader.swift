import Configuration
import Foundation

/// Reads settings one after another and collects what is wrong with them.
///
/// The environment comes first, then the JSON file that `OUTRIDER_CONFIG_FILE` names. A setting is known by its
/// environment name; in the file `TWILIO_ACCOUNT_SID` is `{"twilio": {"accountSid": …}}`. An empty value counts as none.
struct SettingsReader {
    private let config: ConfigReader
    private(set) var problems: [SettingProblem] = []
    /// Sentences about what looks like a setting and is none.
    let unknown: [String]

    /// - Throws: `SettingsError` when the configuration file is named but cannot be read as JSON.
    init(environment: [String: String]) async throws(SettingsError) {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        guard let path = environment["OUTRIDER_CONFIG_FILE"], !path.isEmpty else {
            config = ConfigReader(provider: variables)
            unknown = SettingNames.unknown(in: environment)
            return
        }
        do {
            let place = InMemoryProvider(values: ["filePath": ConfigValue(.string(path), isSecret: false)])
            let file = try await FileProvider<JSONSnapshot>(config: ConfigReader(provider: place))
            config = ConfigReader(providers: [variables, file])
            let text = FileManager.default.contents(atPath: path) ?? Data()
            unknown = SettingNames.unknown(in: environment) + SettingNames.unknown(inFile: text)
        } catch {
            throw SettingsError(problems: [
                SettingProblem(
                    name: "OUTRIDER_CONFIG_FILE", fault: .conflict("names a file that cannot be read as JSON"),
                    expected: "", remedy: "Check the path, its permissions and its commas.")
            ])
        }
    }

    /// A setting that may be left out: `fallback` then. Nil, and a problem noted, when it is malformed.
    mutating func value<Value>(
        _ name: String, _ shape: SettingShape<Value>, default fallback: Value,
        remedy: String = "Correct it or leave it out."
    ) -> Value? {
        guard let text = text(name) else { return fallback }
        return parse(name, text, shape, remedy)
    }

    /// A setting that may be left out.
    mutating func optional<Value>(
        _ name: String, _ shape: SettingShape<Value>, remedy: String = "Correct it or leave it out."
    ) -> Value? {
        text(name).flatMap { parse(name, $0, shape, remedy) }
    }

    /// A setting without which there is no start. Nil, and a problem noted, when it is missing or malformed.
    mutating func required<Value>(_ name: String, _ shape: SettingShape<Value>, remedy: String) -> Value? {
        guard let text = text(name) else {
            if !hasProblem(with: name) { note(name, .missing, shape.expected, remedy) }
            return nil
        }
        return parse(name, text, shape, remedy)
    }

    /// True when the setting, or its file, is given at all.
    func isGiven(_ name: String) -> Bool { raw(name) != nil || raw(name + "_FILE") != nil }

    mutating func note(_ name: String, _ fault: SettingProblem.Fault, _ expected: String, _ remedy: String) {
        problems.append(SettingProblem(name: name, fault: fault, expected: expected, remedy: remedy))
    }

    /// - Throws: everything noted so far.
    func finish() throws(SettingsError) {
        guard problems.isEmpty else { throw SettingsError(problems: problems, unknown: unknown) }
    }

    // MARK: Parts

    /// The setting, or the content of the file that `NAME_FILE` names.
    private mutating func text(_ name: String) -> String? {
        if let text = raw(name) { return text }
        guard let path = raw(name + "_FILE") else { return nil }
        switch SecretFile.read(path) {
        case .success(let text): return text
        case .failure(let reason):
            note(name, .unreadableFile(reason.description), "", "Check the path and that this user may read it.")
            return nil
        }
    }

    private func raw(_ name: String) -> String? {
        let key = Self.key(for: name)
        let text =
            config.string(forKey: key) ?? config.int(forKey: key).map(String.init)
            ?? config.bool(forKey: key).map { $0 ? "true" : "false" }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func parse<Value>(
        _ name: String, _ text: String, _ shape: SettingShape<Value>, _ remedy: String
    ) -> Value? {
        guard let value = shape.read(text) else {
            note(name, .malformed(length: text.count), shape.expected, remedy)
            return nil
        }
        return value
    }

    private func hasProblem(with name: String) -> Bool { problems.contains { $0.name == name } }

    /// `TWILIO_ACCOUNT_SID` is the key `twilio.accountSid`.
    static func key(for name: String) -> ConfigKey {
        let words = name.lowercased().split(separator: "_")
        let rest = words.dropFirst(2).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return ConfigKey([String(words[0]), words[1] + rest])
    }
}

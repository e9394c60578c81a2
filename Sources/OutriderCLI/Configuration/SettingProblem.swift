/// One thing wrong with one setting. Never holds the value, only its shape.
struct SettingProblem: Sendable, Equatable, CustomStringConvertible {
    enum Fault: Sendable, Equatable {
        case missing
        /// The value's length in characters.
        case malformed(length: Int)
        /// A `…_FILE` setting whose file cannot be used, and why.
        case unreadableFile(String)
        /// Two settings that do not go together.
        case conflict(String)
    }

    let name: String
    let fault: Fault
    let expected: String
    let remedy: String

    var description: String {
        switch fault {
        case .missing: "\(name) is missing: expected \(expected). \(remedy)"
        case .malformed(let length):
            "\(name) is malformed: found \(length) character\(length == 1 ? "" : "s"), expected \(expected). \(remedy)"
        case .unreadableFile(let reason): "\(name)_FILE \(reason). \(remedy)"
        case .conflict(let reason): "\(name) \(reason). \(remedy)"
        }
    }
}

/// Everything that is wrong with the configuration, in one message, so that one look is enough.
struct SettingsError: Error, CustomStringConvertible {
    let problems: [SettingProblem]
    /// What looks like a setting and is none: often the reason why one is missing.
    var unknown: [String] = []

    var description: String {
        let count = problems.count == 1 ? "1 setting is wrong" : "\(problems.count) settings are wrong"
        return (["\(count):"] + problems.map { "  \($0)" } + unknown.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// Everything that is wrong with the configuration, in one message, so that one look is enough.
struct SettingsError: Error, CustomStringConvertible {
    let problems: [SettingProblem]

    var description: String {
        let count = problems.count == 1 ? "1 setting is wrong" : "\(problems.count) settings are wrong"
        return (["\(count):"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}

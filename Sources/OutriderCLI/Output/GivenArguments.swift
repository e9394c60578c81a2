/// What a command was given, so that a message about it shows the shape of a value and not the value: it may be an address, a
/// text or a code, and standard error is often kept.
struct GivenArguments {
    private let values: [String]

    /// - Parameter arguments: without the program's name. Names of commands and options are no values.
    init(_ arguments: some Sequence<String>) {
        values = arguments.enumerated().compactMap { place, argument in
            if argument.hasPrefix("-"), !argument.contains(where: \.isNumber) || argument.hasPrefix("--") {
                return argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) }
            }
            let isName = place < 2 && argument.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            return isName ? nil : argument
        }
    }

    /// The message with each value that it quotes replaced by its length.
    func hidden(in message: String) -> String {
        // The longest first: one may be a part of another.
        values.sorted { $0.count > $1.count }.reduce(message) { text, value in
            text.replacing("'\(value)'", with: "… (\(value.count) characters)")
        }
    }
}

import Foundation
import Synchronization

/// Reads a command's settings from this process's environment and the configuration file.
enum Environment {
    static var variables: [String: String] { ProcessInfo.processInfo.environment }

    /// - Parameter extra: settings a command gives itself, which its own flags or a development set-up stand for.
    /// - Throws: `SettingsError` with everything that is wrong, also when `read` made a value in spite of it.
    static func settings<Value>(
        adding extra: [String: String] = [:], _ read: (inout SettingsReader) -> Value?
    ) async throws(SettingsError) -> Value {
        var reader = try await SettingsReader(environment: variables.merging(extra) { _, new in new })
        let value = read(&reader)
        try reader.finish()
        guard let value else { throw SettingsError(problems: reader.problems, unknown: reader.unknown) }
        unsaid.withLock { $0 = reader.unknown }
        return value
    }

    private static let unsaid = Mutex<[String]>([])

    /// Sentences about what looked like a setting and was none: once, for whoever tells people.
    static func takeUnknown() -> [String] {
        unsaid.withLock { sentences in
            defer { sentences = [] }
            return sentences
        }
    }
}

/// Joins settings that were read one after another, so that one run shows everything that is wrong with all of them.
enum Settings {
    static func all<each Value>(_ value: repeat (each Value)?) -> (repeat each Value)? {
        func present<One>(_ one: One?) throws(Absent) -> One {
            guard let one else { throw Absent() }
            return one
        }
        return try? (repeat present(each value))
    }

    private struct Absent: Error {}
}

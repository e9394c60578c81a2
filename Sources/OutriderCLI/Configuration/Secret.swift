import Foundation

/// A credential. Every way of printing it shows nothing; whoever needs the text asks for `exposed` by name.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself: to be handed to a library, never to a log or a message.
    let exposed: String

    init(_ text: String) { exposed = text }

    var description: String { "(secret)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Files that hold one secret each, as systemd credentials and container secrets do.
enum SecretFile {
    enum Fault: Error, CustomStringConvertible {
        case unreadable
        case empty
        case tooLarge

        var description: String {
            switch self {
            case .unreadable: "names a file that cannot be read as text"
            case .empty: "names an empty file"
            case .tooLarge: "names a file larger than \(largest) bytes"
            }
        }
    }

    /// Bytes; no credential comes near it.
    static let largest = 16_384

    /// The file's text without the line ends at its end.
    static func read(_ path: String) -> Result<String, Fault> {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: largest + 1),
            let text = String(data: data, encoding: .utf8)
        else { return .failure(FileManager.default.fileExists(atPath: path) ? .empty : .unreadable) }
        guard data.count <= largest else { return .failure(.tooLarge) }
        let trimmed = text.trimmingCharacters(in: .newlines)
        return trimmed.isEmpty ? .failure(.empty) : .success(trimmed)
    }
}

import Foundation
import FuzzProperties

/// The inputs in `Tests/Fuzz`: those that reach different code, and those that once broke something.
enum Corpus {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static func files(of target: FuzzTarget) throws -> [URL] {
        try ["Corpus", "Findings"].flatMap { kind in
            let place = folder.appending(path: "\(kind)/\(target.name)")
            guard FileManager.default.fileExists(atPath: place.path()) else { return [URL]() }
            return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
        }.sorted { $0.path() < $1.path() }
    }

    static func bytes(of file: URL) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: file))
    }
}

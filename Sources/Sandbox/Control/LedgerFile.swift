import Delivery
import Dispatch
import Foundation

/// The ledger on disk: one JSON document per line, synced before the caller goes on.
///
/// Lines that arrive while a sync is under way share the next one, so a busy sandbox is not slowed to one request per
/// disk flush.
actor LedgerFile {
    private struct Waiting {
        var line: String
        var continuation: CheckedContinuation<Void, any Error>
    }
    private let file: FileHandle
    /// Blocking writes happen here, off the cooperative pool.
    private let queue = DispatchQueue(label: "outrider.sandbox.ledger")
    private var waiting: [Waiting] = []
    private var isWriting = false

    /// Opens `path` for appending, creating it when it is missing.
    init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            // The ledger holds addresses and bodies: it is its owner's alone.
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteNoPermission) }
        try file.seekToEnd()
        self.file = file
    }

    /// Appends one document; returns when it is on the disk.
    func append(_ entry: JSON) async throws {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(line: entry.text + "\n", continuation: continuation))
            guard !isWriting else { return }
            isWriting = true
            writeNext()
        }
    }

    private func writeNext() {
        let batch = waiting
        waiting = []
        guard !batch.isEmpty else {
            isWriting = false
            return
        }
        let file = file
        queue.async {
            let result = Result {
                try file.write(contentsOf: Data(batch.map(\.line).joined().utf8))
                try file.synchronize()
            }
            for waiting in batch { waiting.continuation.resume(with: result) }
            // Awaited by nobody: it only starts the next batch, or ends the writing.
            Task { await self.writeNext() }
        }
    }
}

import Foundation
import Synchronization
import Testing

/// A program that runs until it is told to stop; killed when the test forgets.
final class RunningProgram: Sendable {
    struct Timeout: Error {
        var part: String
        var printed: String
    }

    /// What becomes of the reader of standard error.
    enum Reader {
        case reads
        case standsStill
        case goesAway
    }

    private let process: Mutex<Process>
    private let output: Printed
    private let errors: Printed

    init(_ process: Process, errors reader: Reader = .reads) throws {
        output = Printed()
        errors = Printed(isRead: reader == .reads)
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        try process.run()
        if reader == .goesAway { try errors.pipe.fileHandleForReading.close() }
        self.process = Mutex(process)
    }

    deinit { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } } }

    /// What a descriptor of the program stands for.
    func target(ofDescriptor descriptor: Int32) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processIdentifier)/fd/\(descriptor)")
    }

    var processIdentifier: Int32 { process.withLock(\.processIdentifier) }

    /// What it has said so far on standard error.
    var printedErrors: String { errors.printed }

    func waitForOutput(containing text: String) async throws -> String { try await output.wait(for: text) }
    @discardableResult
    func waitForError(containing text: String) async throws -> String { try await errors.wait(for: text) }

    /// Sends SIGTERM, or another signal, waits for the end and returns the exit status.
    func terminate(by signal: Int32 = SIGTERM) async -> Int32 {
        await withCheckedContinuation { continuation in
            // A thread of its own: waitUntilExit blocks.
            Thread.detachNewThread { [self] in
                continuation.resume(
                    returning: process.withLock { process in
                        kill(process.processIdentifier, signal)
                        process.waitUntilExit()
                        return process.terminationStatus
                    })
            }
        }
    }
}

/// What a program has printed so far, and whoever waits for a part of it.
private final class Printed: Sendable {
    let pipe = Pipe()
    private let text = Mutex("")
    var printed: String { text.withLock { $0 } }
    private let (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(isRead: Bool = true) {
        guard isRead else { return }
        // Not by a readability handler: libdispatch may look at a descriptor that is closed here and that a program started
        // meanwhile has inherited, and crashes.
        Thread.detachNewThread { [self] in
            while true {
                let data = pipe.fileHandleForReading.availableData
                guard !data.isEmpty else { break }
                text.withLock { $0 += String(decoding: data, as: UTF8.self) }
                changed.yield()
            }
            changed.finish()
        }
    }

    /// Waits at most 60 s for `part`: a thousand tests beside this one may keep a program from its start.
    func wait(for part: String) async throws -> String {
        let timer = Task {  // Ends with this call.
            try await Task.sleep(for: .seconds(60))
            changed.finish()
        }
        defer { timer.cancel() }
        repeat {
            let text = text.withLock { $0 }
            if text.contains(part) { return text }
        } while await changes.first { _ in true } != nil
        throw RunningProgram.Timeout(part: part, printed: text.withLock { $0 })
    }
}

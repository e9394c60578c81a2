import Foundation
import HTTPTransport
import Testing

/// The built program, run as a person would.
struct Program {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    var environment: [String: String] = [:]

    /// Beside the test bundle, or where `OUTRIDER_TEST_BINARY` says.
    static var path: URL {
        if let path = ProcessInfo.processInfo.environment["OUTRIDER_TEST_BINARY"] { return URL(filePath: path) }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "outrider")
    }

    /// Runs to its end. What it prints goes to files, as a pipe holds 64 KiB.
    func run(_ arguments: String...) async throws -> Result { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> Result { try await run(process(arguments)) }

    private func run(_ process: Process) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Result(status: status, output: texts[0], errors: texts[1])
    }

    private func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = Self.path
        process.arguments = arguments
        // What a sanitizer is told about the tests, it must know of what they start.
        let sanitizer = ProcessInfo.processInfo.environment.filter {
            ["LSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"].contains($0.key)
        }
        process.environment = environment.merging(sanitizer) { given, _ in given }
        return process
    }

    /// What a program that prints settings printed, `NAME=value` a line.
    static func settings(in printed: String) -> [String: String] {
        Dictionary(
            printed.split(separator: "\n").compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
        ) { first, _ in first }
    }

    /// Posts JSON, and returns the status.
    static func post(to address: String, _ json: String) async throws -> Int? {
        let request = OutgoingRequest(
            method: .post, url: address, headers: [("Content-Type", "application/json")], body: Array(json.utf8))
        guard case .answered(let response) = await (try HTTPTransport()).perform(request) else { return nil }
        return response.status
    }

    /// Gets a page: the status, nil without an answer, and the body.
    static func get(_ address: String) async throws -> (status: Int?, body: String) {
        let transport = try HTTPTransport()
        let result = await transport.perform(
            OutgoingRequest(method: .get, url: address, totalTimeout: .seconds(5)))
        await transport.close()
        guard case .answered(let response) = result else { return (nil, "") }
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    /// A port of this host on which nobody listens, below those that the system and PostgreSQL's tests draw.
    static func freePort() async throws -> Int {
        while true {
            let port = Int.random(in: 10_000...19_999)
            // Also a server that speaks no HTTP has its port. State 0A is LISTEN.
            let sockets = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
            let local = String(format: ":%04X ", port)
            let isTaken = sockets.split(separator: "\n").contains { $0.contains(local + "00000000:0000 0A") }
            if !isTaken, try await get("http://127.0.0.1:\(port)/").status == nil { return port }
        }
    }

    func start(_ arguments: String...) throws -> RunningProgram { try RunningProgram(process(arguments)) }

    /// - Parameters:
    ///   - redirection: of the shell, such as `2>/dev/full`.
    ///   - errors: what becomes of standard error's reader.
    func start(
        _ arguments: [String], redirection: String, errors: RunningProgram.Reader = .reads
    ) throws -> RunningProgram {
        try RunningProgram(redirected(arguments, redirection), errors: errors)
    }

    /// Runs to its end as a shell redirects it.
    func run(_ arguments: [String], redirection: String) async throws -> Result {
        try await run(redirected(arguments, redirection))
    }

    private func redirected(_ arguments: [String], _ redirection: String) -> Process {
        let process = process(["-c", "exec \"$@\" \(redirection)", "sh", Self.path.path()] + arguments)
        process.executableURL = URL(filePath: "/bin/sh")
        return process
    }
}

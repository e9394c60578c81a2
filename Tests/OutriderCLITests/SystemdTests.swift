import Foundation
import Glibc
import Postgres
import TestDatabase
import Testing
import Threads

@testable import OutriderCLI

@Suite("systemd is told how a service is", .timeLimit(.minutes(5)))
struct SystemdTests {
    @Test("nobody is told where systemd does not ask, and nobody is watched by another process's watchdog")
    func environment() throws {
        #expect(Systemd(environment: [:], processID: 7) == nil)
        #expect(Systemd(environment: ["NOTIFY_SOCKET": ""], processID: 7) == nil)
        let silent = try #require(Systemd(environment: ["NOTIFY_SOCKET": "/run/n"], processID: 7))
        #expect(silent.watchdog == nil)
        var asked = ["NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000"]
        #expect(Systemd(environment: asked, processID: 7)?.watchdog == .seconds(30))
        asked["WATCHDOG_PID"] = "7"
        #expect(Systemd(environment: asked, processID: 7)?.watchdog == .seconds(30))
        #expect(Systemd(environment: asked, processID: 8)?.watchdog == nil)
        asked["WATCHDOG_USEC"] = "soon"
        #expect(Systemd(environment: asked, processID: 7)?.watchdog == nil)
    }

    @Test(
        "a datagram reaches a socket by its path, or by its name in the abstract name space", arguments: [false, true])
    func datagram(_ isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        #expect(LocalDatagram.send("READY=1", to: socket.name))
        #expect(socket.next() == "READY=1")
    }

    @Test(
        "what nobody serves, and what is no name of a socket, takes no datagram",
        arguments: [
            "", "relative", "/nowhere/notify", "@nobody-listens-here", "/" + String(repeating: "x", count: 200),
        ])
    func nowhere(_ path: String) {
        #expect(!LocalDatagram.send("READY=1", to: path))
    }

    @Test("a worker is ready when it runs, and then gives signs of life until it ends")
    func worker() async throws {
        let socket = try NotifySocket(isAbstract: false)
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var environment = Program.settings(in: printed)
        environment["OUTRIDER_DATABASE_URL"] = try await PostgresServer.migratedDatabase()
        environment["NOTIFY_SOCKET"] = socket.name
        environment["WATCHDOG_USEC"] = "200000"
        let worker = try Program(environment: environment).start("work")
        let told = (1...4).map { _ in socket.next() }
        #expect(told == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"])
        #expect(await worker.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }

    @Test("a gateway is ready when it listens")
    func gateway() async throws {
        let socket = try NotifySocket(isAbstract: true)
        let environment = [
            "OUTRIDER_DATABASE_URL": try await PostgresServer.migratedDatabase(),
            "OUTRIDER_PUBLIC_URL": "http://127.0.0.1:8080", "OUTRIDER_LISTEN": "127.0.0.1:0",
            "TWILIO_AUTH_TOKEN": "0123456789abcdef", "NOTIFY_SOCKET": socket.name,
        ]
        let gateway = try Program(environment: environment).start("gateway")
        try await gateway.waitForError(containing: "Gateway listens")
        #expect(socket.next() == "READY=1")
        #expect(await gateway.terminate() == 0)
    }
}

/// What systemd listens at: a datagram socket of a name of its own.
private final class NotifySocket: Sendable {
    let name: String
    private let descriptor: Int32

    init(isAbstract: Bool) throws {
        let unique = UUID().uuidString
        name = isAbstract ? "@outrider-\(unique)" : NSTemporaryDirectory() + "/notify-\(unique)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if isAbstract { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in unsafe place.copyBytes(from: bytes) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // The longest that a test waits.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = unsafe withUnsafeBytes(of: &address) { place in
            unsafe bind(descriptor, place.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
        }
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
        unsafe unlink(name)
    }

    /// The next datagram, or nil after 20 s without one.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

import Foundation
import ServiceLifecycle
import Threads

/// systemd, told how the service is, in the words of sd_notify(3): by one datagram each to the socket that it names.
struct Systemd: Sendable {
    let socket: String
    /// How long systemd waits for a sign of life before it kills the process; nil when it waits for none.
    let watchdog: Duration?

    /// Nil when nobody wants to be told.
    init?(environment: [String: String], processID: Int32) {
        guard let socket = environment["NOTIFY_SOCKET"], !socket.isEmpty else { return nil }
        self.socket = socket
        // Another process of the unit may be the one that is watched.
        let isWatched = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isWatched && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    static var current: Systemd? {
        Systemd(
            environment: ProcessInfo.processInfo.environment, processID: ProcessInfo.processInfo.processIdentifier)
    }

    /// What cannot be told is not told: systemd then does what it does with a service that is silent.
    func tell(_ state: State) { _ = LocalDatagram.send(state.rawValue, to: socket) }

    enum State: String, Sendable {
        case ready = "READY=1"
        case alive = "WATCHDOG=1"
    }
}

/// Gives signs of life, twice in the time that systemd waits for one, for as long as anything of the process runs.
///
/// The signs come from the same threads as the work. Where those are stuck, there are none, and systemd starts anew.
/// A database that is down is no reason: a new process would find it no better.
struct LifeSignService: Service {
    let systemd: Systemd
    /// Whether the process is ready as soon as it runs. A gateway is when it listens, and says so itself.
    let isReadyAtOnce: Bool

    func run() async throws {
        if isReadyAtOnce { systemd.tell(.ready) }
        guard let watchdog = systemd.watchdog else { return try await gracefulShutdown() }
        // It is the first of the services, and so the last to be stopped: the signs go on while work in flight ends.
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                systemd.tell(.alive)
                try? await Task.sleep(for: watchdog / 2)
            }
        }
    }
}

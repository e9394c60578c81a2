import Foundation
import Synchronization

/// The name this worker goes by. It takes a new one when the others took it for dead.
final class WorkerIdentity: Sendable {
    let host: String
    let processID: Int
    private let clock: WorkClock
    private let current: Mutex<String>

    /// - Parameter clock: gives the chance part of the name.
    init(clock: WorkClock) {
        self.clock = clock
        host = Self.hostName
        processID = Int(ProcessInfo.processInfo.processIdentifier)
        current = Mutex(Self.name(host, processID, clock))
    }

    var id: String { current.withLock { $0 } }

    func renew() {
        current.withLock { $0 = Self.name(host, processID, clock) }
    }

    /// Looked up once: the answer may come from the network.
    private static let hostName = ProcessInfo.processInfo.hostName

    private static func name(_ host: String, _ processID: Int, _ clock: WorkClock) -> String {
        var random = clock.random
        let digits = String(UInt32.random(in: 0 ... .max, using: &random), radix: 16)
        return "\(host):\(processID):\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }
}

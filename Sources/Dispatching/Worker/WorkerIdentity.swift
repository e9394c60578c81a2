import Foundation
import Synchronization

/// The name this worker goes by. It takes a new one when the others took it for dead.
final class WorkerIdentity: Sendable {
    let host: String
    let processID: Int
    private let current: Mutex<String>

    init() {
        host = ProcessInfo.processInfo.hostName
        processID = Int(ProcessInfo.processInfo.processIdentifier)
        current = Mutex(Self.name(host, processID))
    }

    var id: String { current.withLock { $0 } }

    func renew() {
        current.withLock { $0 = Self.name(host, processID) }
    }

    private static func name(_ host: String, _ processID: Int) -> String {
        "\(host):\(processID):\(UUID().uuidString.prefix(8).lowercased())"
    }
}

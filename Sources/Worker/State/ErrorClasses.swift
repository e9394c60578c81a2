import Delivery
import JobQueue
import Synchronization

/// The meaning of provider codes, as the table `error_codes` had it a minute ago at most.
final class ErrorClasses: Sendable {
    private let table = Mutex<[String: [String: ErrorClass]]>([:])

    func replace(with classes: [String: [String: ErrorClass]]) {
        table.withLock { $0 = classes }
    }

    /// The class of a code; nil when the table does not have it.
    func lookUp(provider: String, code: String) -> ErrorClass? {
        table.withLock { $0[provider]?[code] }
    }
}

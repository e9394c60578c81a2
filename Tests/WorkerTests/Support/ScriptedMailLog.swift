import Delivery
import Providers
import Synchronization
import Worker

/// E-mail logs that show at most `pageSize` mails a search, or answer as they are told.
final class ScriptedMailLog: MailLogSource {
    struct Mail: Sendable {
        var id: String
        var takenAt: Instant
        var receipt: Receipt
        var lacksReason = false
        var address = "somebody@example.com"
    }

    private struct State {
        var mails: [Mail] = []
        var events: [String: StatusReading] = [:]
        var next: [(MailLogPage, Pushback?)] = []
        var spans: [MailLogSpan?] = []
        var addresses: [String] = []
        var asked: [String] = []
    }

    private let pageSize: Int
    private let state = Mutex(State())

    init(pageSize: Int = 500) {
        self.pageSize = pageSize
    }

    /// The spans that were searched, in order.
    var spans: [MailLogSpan?] { state.withLock { $0.spans } }
    /// The addresses whose mails alone were searched for.
    var addresses: [String] { state.withLock { $0.addresses } }
    /// The mails whose events were asked for.
    var asked: [String] { state.withLock { $0.asked } }

    func keep(_ mails: [Mail]) { state.withLock { $0.mails += mails } }
    func tell(_ logID: String, _ reading: StatusReading) { state.withLock { $0.events[logID] = reading } }
    /// The answer to the next search.
    func answer(_ page: MailLogPage, _ pushback: Pushback? = nil) {
        state.withLock { $0.next.append((page, pushback)) }
    }

    func page(_ span: MailLogSpan?, to address: String?) async -> (MailLogPage, Pushback?) {
        state.withLock { state in
            state.spans.append(span)
            if let address { state.addresses.append(address) }
            guard state.next.isEmpty else { return state.next.removeFirst() }
            let found = state.mails.filter { mail in
                (span.map { $0.from <= mail.takenAt && mail.takenAt <= $0.to } ?? true)
                    && (address.map { $0 == mail.address } ?? true)
            }
            let entries = found.prefix(pageSize).map { mail in
                (
                    mail.id,
                    MailLogEntry(
                        logID: "\(mail.id).recvd-1", receipt: mail.receipt, lacksReason: mail.lacksReason)
                )
            }
            return (.page(Dictionary(uniqueKeysWithValues: entries), isWhole: found.count < pageSize), nil)
        }
    }

    func events(of logID: String) async -> (StatusReading, Pushback?) {
        state.withLock { state in
            state.asked.append(logID)
            return (state.events[logID] ?? .notFound, nil)
        }
    }
}

import Delivery
import Providers
import Synchronization
import Worker

/// A provider's list of what people wrote, the newest first, in pages of `pageSize`.
final class ScriptedList: InboundSource {
    private struct State {
        var messages: [InboundMessage] = []
        var queries: [InboundQuery] = []
        var readings: [InboundReading] = []
    }

    let account: String? = "AC1"
    let pageSize: Int
    private let state = Mutex(State())

    init(pageSize: Int = 100) {
        self.pageSize = pageSize
    }

    var queries: [InboundQuery] { state.withLock { $0.queries } }

    func say(_ messages: InboundMessage...) {
        state.withLock { $0.messages += messages }
    }

    /// The next readings, whatever is asked; after them the list is as it is.
    func read(_ readings: InboundReading...) {
        state.withLock { $0.readings += readings }
    }

    func inbound(_ query: InboundQuery) async -> InboundReading {
        state.withLock { state in
            state.queries.append(query)
            guard state.readings.isEmpty else { return state.readings.removeFirst() }
            let found = state.messages.filter { message in
                (message.sentAt ?? query.since) >= query.since
                    && (query.recipient.map { $0.channel == message.channel && $0.address == message.to } ?? true)
            }.sorted { $0.sentAt! > $1.sentAt! }
            let start = query.page.flatMap(Int.init) ?? 0
            let end = min(start + pageSize, found.count)
            return .page(Array(found[start..<end]), next: end < found.count ? String(end) : nil)
        }
    }
}

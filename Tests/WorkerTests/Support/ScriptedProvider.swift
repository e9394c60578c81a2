import Delivery
import Providers
import Synchronization
import Worker

/// A provider that answers as it is told and remembers what reached it.
final class ScriptedProvider: MessageProvider {
    struct Sent: Sendable, Hashable {
        var jobID: Int
        var generation: Int
        var channel: Channel
        var token: String
    }

    /// One look at the listing.
    struct Look: Sendable, Hashable {
        var generation: Int
        var begunAt: Instant
        var notBefore: Instant?
    }

    private struct State {
        var looks: [Look] = []
        var sent: [Sent] = []
        var validities: [Duration] = []
        var contents: [MessageContent] = []
        /// Whether each message was a provider's approved template.
        var templates: [Bool] = []
        var answers: [Channel: [SendReading]] = [:]
        var readings: [StatusReading] = []
        var told: [String: StatusReading] = [:]
        var questions: [PollQuestion] = []
        var listings: [ListingReading] = []
        var cancelled: [String] = []
        var endAnswers: [EndAnswer] = []
        /// The channel whose requests get no answer, and those that wait for one.
        var hanging: Channel?
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isStopped = false
        /// How long everything is refused as too many, from the first request on.
        var limited: Duration?
        var firstAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    var sent: [Sent] { state.withLock { $0.sent } }
    var contents: [MessageContent] { state.withLock { $0.contents } }
    var validities: [Duration] { state.withLock { $0.validities } }
    var templates: [Bool] { state.withLock { $0.templates } }
    var looks: [Look] { state.withLock { $0.looks } }
    /// The ids that were asked about, in order.
    var asked: [String] { questions.map(\.providerID) }
    var questions: [PollQuestion] { state.withLock { $0.questions } }
    var cancelled: [String] { state.withLock { $0.cancelled } }

    /// The next answers on a channel; after them everything is accepted.
    func answer(_ channel: Channel, _ answers: SendReading...) {
        state.withLock { $0.answers[channel, default: []] += answers }
    }

    /// The next answers to "end this call"; after them each is ended.
    func answerEnds(_ answers: EndAnswer...) {
        state.withLock { $0.endAnswers += answers }
    }

    /// For so long from the first request on, everything is refused as too many.
    func limit(for span: Duration) {
        state.withLock { $0.limited = span }
    }

    /// From now on requests on the channel get no answer, until nil lets them all go on.
    func hang(_ channel: Channel?) {
        let waiting = state.withLock { state in
            state.hanging = channel
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in waiting { request.resume() }
    }

    private func waitForAnswer(on channel: Channel) async {
        await withCheckedContinuation { request in
            let goesOn = state.withLock { state in
                guard state.hanging == channel else { return true }
                state.waiting.append(request)
                return false
            }
            if goesOn { request.resume() }
        }
    }

    /// What is said of one message, whenever it is asked about.
    func tell(_ providerID: String, _ reading: StatusReading) {
        state.withLock { $0.told[providerID] = reading }
    }

    func read(_ readings: StatusReading...) {
        state.withLock { $0.readings += readings }
    }

    func list(_ listings: ListingReading...) {
        state.withLock { $0.listings += listings }
    }

    func send(_ message: OutboundMessage, notAfter: ContinuousClock.Instant) async throws(ContentError) -> SendReading {
        let isLate = state.withLock { state in
            guard !state.isStopped, ContinuousClock.now < notAfter else { return true }
            state.sent.append(
                Sent(
                    jobID: message.jobID, generation: message.generation, channel: message.channel,
                    token: message.token))
            state.validities.append(message.validity)
            state.contents.append(message.content)
            if case .contentTemplate = message.content {
                state.templates.append(true)
            } else {
                state.templates.append(false)
            }
            return false
        }
        guard !isLate else { return .notSent(reason: "fence_passed", retryAfter: nil, isRateLimited: false) }
        await waitForAnswer(on: message.channel)
        return state.withLock { state in
            let firstAt = state.firstAt ?? .now
            state.firstAt = firstAt
            if let span = state.limited, ContinuousClock.now < firstAt + span {
                return .notSent(reason: "20429", retryAfter: nil, isRateLimited: true)
            }
            guard var answers = state.answers[message.channel], !answers.isEmpty else {
                return .accepted(providerID: "SM\(message.jobID)-\(message.generation)", providerStatus: "queued")
            }
            let answer = answers.removeFirst()
            state.answers[message.channel] = answers
            return answer
        }
    }

    func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        await receipts(for: PollQuestion(providerID: providerID, channel: channel))
    }

    func receipts(for question: PollQuestion) async -> StatusReading {
        state.withLock { state in
            state.questions.append(question)
            if let told = state.told[question.providerID] { return told }
            return state.readings.isEmpty ? .facts([]) : state.readings.removeFirst()
        }
    }

    func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        state.withLock { state in
            state.looks.append(
                Look(generation: message.generation, begunAt: begunAt, notBefore: notBefore))
            return state.listings.isEmpty ? .notFound : state.listings.removeFirst()
        }
    }

    func end(_ providerID: String, on channel: Channel) async -> EndAnswer {
        state.withLock { state in
            state.cancelled.append(providerID)
            return state.endAnswers.isEmpty ? .ended : state.endAnswers.removeFirst()
        }
    }

    /// For the next worker, once one has stopped.
    func goOn() {
        state.withLock { $0.isStopped = false }
    }

    func stopSending() {
        state.withLock { $0.isStopped = true }
    }
}

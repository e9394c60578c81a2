public import Delivery
import JobQueue
public import Signing
import Synchronization

/// Opens what is sealed, as soon as a job is taken: nothing behind it meets a sealed text.
public struct ContentOpener: Sendable {
    private let seal: TextSeal
    /// What it lacks.
    public let watch = SealWatch()

    /// - Parameter seal: without a key, jobs that are sealed wait.
    public init(_ seal: TextSeal = TextSeal()) { self.seal = seal }

    func opened(_ row: TakenRow) -> TakenRow {
        guard case .job(var job) = row.state, case .closed(let sealed) = job.content.seal else { return row }
        job.content = opened(job.content, sealed)
        return TakenRow(row.due, .job(job))
    }

    private func opened(_ content: JobContent, _ sealed: SealedContent) -> JobContent {
        var content = content
        do throws(TextSeal.Fault) {
            let text = try seal.open(sealed.text, for: SealedWords.purpose, of: sealed.owner)
            guard let words = SealedWords(encoded: text) else { throw .notAuthentic }
            content.body = content.body ?? words.body
            content.subject = content.subject ?? words.subject
            content.dataJSON = words.dataJSON ?? content.dataJSON
            content.seal = .opened(likeness: seal.likeness(of: text, sealedAs: sealed.text))
        } catch {
            switch error {
            case .keyMissing(let key): content.seal = .keyMissing(key)
            case .notAuthentic: content.seal = .broken
            }
        }
        return content
    }
}

/// With which keys jobs were sealed that this worker could not open of late.
public final class SealWatch: Sendable {
    /// Longer than a job waits before it is looked at again.
    private static let memory = Duration.seconds(600)

    private struct Sight {
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private let sights = Mutex<[String: Sight]>([:])

    public var troubles: [Trouble] { troubles(at: .now) }

    func troubles(at now: ContinuousClock.Instant) -> [Trouble] {
        sights.withLock { sights in
            sights = sights.filter { now - $0.value.last < Self.memory }
            return sights.sorted { $0.key < $1.key }.map { key, sight in
                Trouble(
                    .sealKeyMissing, of: key, detail: "what was sealed with it waits",
                    seconds: (now - sight.first) / .seconds(1))
            }
        }
    }

    func lacks(_ key: String, at now: ContinuousClock.Instant) {
        sights.withLock { $0[key, default: Sight(first: now, last: now)].last = now }
    }
}

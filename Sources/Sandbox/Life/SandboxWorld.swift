import Delivery
import Foundation
import Signing

/// The whole simulated world: its resources, what will happen to them, and what is to go wrong.
///
/// Its methods never wait, so each request sees and leaves a consistent world.
actor SandboxWorld {
    /// What the timetable holds.
    enum Item: Sendable {
        case advance(Journey)
        case post(Callback)
        case flushEvents
    }

    let configuration: SandboxConfiguration
    let signingKey: ECDSAPrivateKey
    /// Rings whenever the timetable has something earlier than before.
    let doorbell: Doorbell
    var seed: UInt64
    var timeScale: Double
    var inboundURL: String?
    var sendGridEventsURL: String?

    var messages = ResourceStore<Message>(recipient: \.to)
    var calls = ResourceStore<Call>(recipient: \.to)
    var mails = ResourceStore<Mail>(recipient: \.to)
    var verifications = ResourceStore<Verification>(recipient: \.to)
    var timetable = Timetable<Item>()

    var phoneFates: [String: PhoneFates] = [:]
    var emailFates: [String: EmailFate] = [:]
    var faults: [Fault] = []
    var nextFaultID = 1
    /// Senders whose messages a number has stopped.
    var optOuts: [String: Set<String>] = [:]
    /// When a number last wrote on WhatsApp.
    var lastInbound: [String: Date] = [:]
    /// Why mail to an address is dropped.
    var suppressedMail: [String: String] = [:]
    /// Requests seen so far, by address: the ordinal of the next draw.
    var ordinals: [String: Int] = [:]
    /// Refusals a throttled address has had, by channel and address.
    var throttles: [String: Int] = [:]
    var refusals: [String: Int] = [:]
    var ledger: [LedgerEntry] = []
    var accepted = 0
    /// Ledger entries held in memory; older ones are in the ledger file only.
    static let ledgerCapacity = 200_000
    var callbacksPosted = 0
    var callbacksFailed = 0
    var callbacksLost = 0
    var pendingEvents: [JSON] = []
    var eventsAreScheduled = false

    init(configuration: SandboxConfiguration, signingKey: ECDSAPrivateKey, doorbell: Doorbell) {
        precondition(configuration.timeScale > 0)
        self.configuration = configuration
        self.signingKey = signingKey
        self.doorbell = doorbell
        seed = configuration.seed
        timeScale = configuration.timeScale
        inboundURL = configuration.inboundURL
        sendGridEventsURL = configuration.sendGridEventsURL
    }

    /// `seconds` of the simulated life as real time.
    func scaled(_ seconds: Double) -> Duration { .seconds(seconds / timeScale) }

    /// The random stream of the next request for `address`.
    func generator(for address: String) -> SeededGenerator {
        // Bounded like all else: a rehearsal of more addresses starts its streams anew.
        if ordinals.count > 1_000_000 { ordinals = [:] }
        let ordinal = ordinals[address, default: 0]
        ordinals[address] = ordinal + 1
        return SeededGenerator(seed: seed, address: address, ordinal: ordinal)
    }

    func fates(of number: String) -> PhoneFates { phoneFates[number] ?? PhoneFates(number: number) }

    func fate(of email: String) -> EmailFate { emailFates[email] ?? EmailFate(address: email) }

    /// Counts a refusal by its provider code or status.
    func countRefusal(_ name: String) { refusals[name, default: 0] += 1 }

    /// Writes an accepted request into the ledger.
    func record(
        _ kind: LedgerEntry.Kind, sid: String, to: String, from: String?, body: String, statusCallback: String?,
        fields: JSON
    ) -> LedgerEntry {
        accepted += 1
        let entry = LedgerEntry(
            number: accepted, time: Date(), kind: kind, sid: sid, to: to, from: from, body: body,
            statusCallback: statusCallback, fields: fields)
        ledger.append(entry)
        if ledger.count >= 2 * Self.ledgerCapacity { ledger.removeFirst(ledger.count - Self.ledgerCapacity) }
        return entry
    }

    /// When the next thing happens; `nil` when nothing will.
    var nextDue: ContinuousClock.Instant? { timetable.nextDue }

    func schedule(_ item: Item, at due: ContinuousClock.Instant) {
        timetable.add(item, at: due)
        doorbell.ring()
    }
}

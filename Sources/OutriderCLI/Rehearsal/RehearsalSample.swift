import Delivery
import JobQueue

/// People of a campaign, taken evenly: those whose keys have the least hashes, whatever order they come in.
struct RehearsalSample {
    struct Person: Sendable {
        var person: AudienceBatch.Person
        var outlook: PersonOutlook
        fileprivate var hash: UInt64
    }

    private let limit: Int
    private let seed: UInt64
    private var kept: [Person] = []
    private var most = UInt64.max
    /// All that there were.
    private(set) var people = 0

    init(of limit: Int, seed: UInt64) { (self.limit, self.seed) = (limit, seed) }

    mutating func add(_ person: AudienceBatch.Person, _ outlook: PersonOutlook) {
        people += 1
        let member = person.member
        let key = member.key ?? member.phone?.e164 ?? member.email?.address ?? ""
        let hash = StableHash.of(key, seed: seed)
        guard hash <= most else { return }
        kept.append(Person(person: person, outlook: outlook, hash: hash))
        if kept.count >= 2 * limit { shrink() }
    }

    private mutating func shrink() {
        kept.sort { ($0.hash, $0.person.member.line) < ($1.hash, $1.person.member.line) }
        kept.removeLast(max(0, kept.count - limit))
        if kept.count == limit, let last = kept.last { most = last.hash }
    }

    /// In the order of their rows.
    func taken() -> [Person] {
        var all = self
        all.shrink()
        return all.kept.sorted { $0.person.member.line < $1.person.member.line }
    }
}

/// The sampled people under other addresses, with their opt-outs and consents.
struct RehearsalCast: Sendable {
    private(set) var batches: [AudienceBatch] = []
    private(set) var optOuts: [(address: String, channel: String)] = []
    private(set) var consents: [(address: String, channel: String)] = []
    /// Numbers that wrote on WhatsApp lately.
    private(set) var writers: [String] = []
    /// What the sandbox is told: JSON objects, one for each address that is not simply reached.
    private(set) var fates: [JSON] = []
    private(set) var count = 0

    init(_ people: [RehearsalSample.Person], shares: FateShares, seed: UInt64) {
        var serial = 0
        // Somebody may have given a number that no network gives out: it stands for nobody here.
        let real = Set(
            people.flatMap { [$0.person.member.phone?.e164, $0.person.member.email?.address] }.compactMap(\.self))
        for start in stride(from: 0, to: people.count, by: AudienceStore.batchSize) {
            var batch = AudienceBatch()
            for person in people[start..<min(people.count, start + AudienceStore.batchSize)] {
                repeat { serial += 1 } while Self.addresses(of: person, serial).contains { real.contains($0.address) }
                add(person, serial, to: &batch, shares, seed)
            }
            batches.append(batch)
        }
    }

    private static func addresses(
        of person: RehearsalSample.Person, _ serial: Int
    ) -> [(address: String, isPhone: Bool)] {
        let member = person.person.member
        return [
            member.phone.map { (StandIns.phone(for: $0.e164, serial: serial), true) },
            member.email.map { _ in (StandIns.email(serial: serial), false) },
        ].compactMap(\.self)
    }

    private mutating func add(
        _ person: RehearsalSample.Person, _ serial: Int, to batch: inout AudienceBatch, _ shares: FateShares,
        _ seed: UInt64
    ) {
        count += 1
        let row = StandIns.row(of: person.person.member, values: person.person.values, serial: serial)
        batch.add(row: count, row.encoded)
        for (address, isPhone) in Self.addresses(of: person, serial) {
            let channels = Channel.allCases.filter { $0.isPhone == isPhone }
            for channel in channels {
                if person.outlook.closed.contains(channel) { optOuts.append((address, channel.rawValue)) }
                if person.outlook.consented.contains(channel) { consents.append((address, channel.rawValue)) }
            }
            if isPhone, person.outlook.isWindowOpen { writers.append(address) }
            let drawn = channels.map { ($0, shares.draw(seed: seed, serial: serial, channel: $0)) }
            guard drawn.contains(where: { $0.1 != .delivered }) else { continue }
            fates.append(
                .object(
                    [JSON.Member(name: "address", value: .string(address))]
                        + drawn.map { JSON.Member(name: $0.rawValue, value: .string($1.name(on: $0))) }))
        }
    }
}

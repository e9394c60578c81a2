import ArgumentParser
import Foundation
import Insight
import Postgres
import Signing

struct ExportPerson: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all that is kept about an address as one JSON document.",
        discussion: """
            Jobs with their contents, receipts and timelines, messages, suppressions, consents, sentences, windows. All \
            jobs are walked, so it takes a while. A file of --out can be read by its owner alone. Needs a login with \
            the role outrider_operator; who did it, when and why is kept, with a digest of the address. What is sealed is \
            opened with the keys of OUTRIDER_SEAL_KEYS.

            Example: outrider export ann@example.com --out ann.json --reason 'ticket 17'

            \(ExitStatus.help)
            """)

    @Argument(help: "A number such as +15005550010, or an e-mail address.") var address: String
    @Option(help: "Who asked for it, or why. It is kept: write no address into it.") var reason: String
    @Option(help: "The file to write; standard output without it.") var out: String?

    func perform() async throws {
        let seal = try await SealSettings.seal()
        let file = try out.map(ExportFile.init)
        try await DatabaseVisit.make(as: "export") { pool in
            let desk = PrivacyDesk(pool)
            try await desk.note("export asked for", of: address, reason: reason)
            var document = PersonDocument { line throws in
                if let file { try file.write(line) } else { try Console.data(line) }
            }
            var sealed = SealedRecords(seal)
            try await write(desk, &document, &sealed)
            try await desk.note("exported", of: address, reason: reason, counts: document.counts)
            let counts = document.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            Console.note("written: \(counts.joined(separator: ", "))")
            for note in sealed.notes { Console.note(note) }
        }
    }

    private func write(
        _ desk: PrivacyDesk, _ document: inout PersonDocument, _ sealed: inout SealedRecords
    ) async throws {
        let walk = PersonWalk(desk: desk, address: address, isShown: true)
        try document.begin(address: address)
        try document.open("jobs")
        var waiting: [Int] = []
        try await walk.jobs { found, _ in waiting += found }
        for jobs in waiting.batches(of: 100) {
            try document.add(try await desk.records(ofJobs: jobs).map { sealed.opened($0) })
        }
        try document.open("inbound_messages")
        var messages: [String] = []
        try await walk.messages { found, _ in messages += found }
        for batch in messages.batches() { try document.add(try await desk.records(ofMessages: batch)) }
        let others = try await desk.recordsElsewhere(address)
        let places = [
            "suppressions", "consents", "opt_out_wishes", "whatsapp_windows", "open_calls", "dead_addresses",
            "number_lookups",
            "witnessed_messages", "schedules", "privacy_events",
        ]
        // Whatever else the database names is written too, so that nothing is left out unseen.
        for place in places + Set(others.map(\.place)).subtracting(places).sorted() {
            try document.open(place)
            try document.add(others.filter { $0.place == place }.map(\.record))
        }
        try document.end()
    }
}

/// A JSON document that is written as it is read: an object of arrays, one record a line.
struct PersonDocument {
    private let write: (String) throws -> Void
    private var place: String?
    private(set) var counts: [String: Int] = [:]

    init(_ write: @escaping (String) throws -> Void) { self.write = write }

    mutating func begin(address: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        try write("{\"address\": \(String(decoding: try encoder.encode(address), as: UTF8.self))")
    }

    /// Begins the records of a table.
    mutating func open(_ name: String) throws {
        if place != nil { try write("]") }
        try write(", \"\(name)\": [")
        (place, counts[name]) = (name, 0)
    }

    mutating func add(_ records: [String]) throws {
        guard let place else { return }
        for record in records {
            try write((counts[place] ?? 0) > 0 ? ", \(record)" : record)
            counts[place, default: 0] += 1
        }
    }

    mutating func end() throws { try write("]}") }
}

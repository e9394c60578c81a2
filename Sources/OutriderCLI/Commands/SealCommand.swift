import ArgumentParser
import Insight
import Signing

struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Which keys the contents of jobs are sealed with.",
        discussion: """
            Workers and whoever enqueues have the keys, in OUTRIDER_SEAL_KEYS: the first one seals, each one opens. The \
            database never has one.

            Example: outrider seal status

            \(ExitStatus.help)
            """,
        subcommands: [SealStatus.self])
}

struct SealStatus: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Count the jobs that are sealed, by key: which key may go.",
        discussion: """
            A key of OUTRIDER_SEAL_KEYS may be taken from the workers once no job waits with it, and destroyed once no job \
            that has ended is kept with it. All jobs are walked, so it takes a while. Needs a login with the role \
            outrider_operator. It opens nothing.

            Example: outrider seal status --json

            \(ExitStatus.help)
            """)

    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let seal = try await SealSettings.seal()
        let counts = try await DatabaseVisit.make(as: "seal status") { pool in try await count(SealDesk(pool)) }
        let report = SealReport(counts, keyIDs: seal.keyIDs)
        if json { return try Console.json(report) }
        guard !report.keys.isEmpty else {
            return Console.note("Nothing is sealed, and OUTRIDER_SEAL_KEYS is not set: see ops/README.md.")
        }
        try Console.data(report.table.text)
    }

    private func count(_ desk: SealDesk) async throws -> [SealCount] {
        var progress = LoadProgress(isShown: !json, verb: "of the jobs looked at")
        var counts: [String: SealCount] = [:]
        var (next, looked): (Int?, Int) = (0, 0)
        while let after = next {
            let part = try await desk.counts(after: after)
            for count in part.counts {
                counts[count.key, default: SealCount(key: count.key)].waiting += count.waiting
                counts[count.key, default: SealCount(key: count.key)].ended += count.ended
            }
            next = part.next
            looked += SealDesk.part
            if next != nil { progress.show(looked) }
        }
        return Array(counts.values)
    }
}

/// The keys that jobs name, and those of this process.
struct SealReport: Encodable {
    struct Key: Encodable {
        let key: String
        let waiting: Int
        let ended: Int
        let use: Use
    }

    /// What a key of this process does, and what may become of it.
    enum Use: String, Encodable {
        case seals
        /// Jobs wait with it.
        case needed
        /// No job waits, but contents of jobs that have ended are kept with it.
        case forExports = "for exports"
        case unused
        /// Jobs wait with it, and OUTRIDER_SEAL_KEYS does not have it.
        case missing
        /// The same, but no job waits.
        case gone
    }

    let keys: [Key]

    init(_ counts: [SealCount], keyIDs: [String]) {
        let others = counts.map(\.key).filter { !keyIDs.contains($0) }.sorted()
        keys = (keyIDs + others).map { id in
            let count = counts.first { $0.key == id } ?? SealCount(key: id)
            let use: Use =
                if id == keyIDs.first { .seals } else if !keyIDs.contains(id) {
                    count.waiting > 0 ? .missing : .gone
                } else { count.waiting > 0 ? .needed : count.ended > 0 ? .forExports : .unused }
            return Key(key: id, waiting: count.waiting, ended: count.ended, use: use)
        }
    }

    var table: Table {
        var table = Table("key", "jobs that wait", "jobs that have ended", "use")
        for key in keys { table.add(key.key, String(key.waiting), String(key.ended), key.use.rawValue) }
        return table
    }
}

import ArgumentParser
import Delivery
import Foundation
import Insight
import JobQueue
import Postgres

struct CampaignLoad: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load the people of a campaign: from its audience, or from a CSV file.",
        discussion: """
            Without FILE the workers read the campaign's audience, and this command waits until they have. With FILE this \
            command reads it: UTF-8, a header, the columns phone, email or address, and if wanted key, locale and \
            time_zone; every other column fills the template. - is standard input.

            Every line that names nobody who can be written to is named on standard error, and written to the file of \
            --rejects. The others are loaded; with --all-or-none nobody is, when one line is bad. Who is in the \
            campaign already, by key or by address, is not added again. So a load that was cut off is simply repeated.

            Examples: outrider campaign load spring
                      outrider campaign load spring people.csv --rejects rejects.csv
                      outrider campaign load spring people.csv --all-or-none --json

            \(ExitStatus.help)
            """)

    @OptionGroup var campaign: CampaignOptions
    @Argument(help: "A CSV file, or - for standard input.") var file: String?
    @Flag(help: "Load nobody when one line is bad. The file is read twice, so it cannot be standard input.")
    var allOrNone = false
    @Option(help: "Write the bad lines' numbers and what is wrong with them to this CSV file.") var rejects: String?
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if allOrNone, file == nil || file == "-" { throw ValidationError("--all-or-none needs a file.") }
        if rejects != nil, file == nil { throw ValidationError("--rejects needs a file.") }
    }

    func perform() async throws {
        let report = try await DatabaseVisit.make(as: "campaign load") { pool in
            if let file { try await load(file, pool) } else { try await waitForWorkers(pool) }
        }
        if json { return try Console.json(report) }
        try Console.data(report.text)
    }

    // MARK: From a file

    private func load(_ path: String, _ pool: PostgresPool) async throws -> LoadReport {
        let rejects = try rejects.map(RejectFile.init)
        let store = AudienceStore(pool)
        if allOrNone {
            let bad = try await check(path, store, rejects)
            guard bad == 0 else { throw Failure("\(bad) lines are bad: nobody was loaded", .refused) }
        }
        // What is no file of people begins no load.
        var file = try AudienceFile(path)
        let name = campaign.campaign
        let key = try await store.begin(name.name, file: path, reason: why.reason, tenant: name.tenant)
        do {
            let report = try await add(&file, to: key, store, rejects)
            try await store.end(key)
            return report
        } catch {
            try? await store.end(key, failure: "the file was not loaded to its end")
            throw error
        }
    }

    /// - Returns: how many lines are bad, by the reader's rules or the database's.
    private func check(_ path: String, _ store: AudienceStore, _ rejects: RejectFile?) async throws -> Int {
        guard let plan = try await store.plan(of: campaign.name, tenant: campaign.tenant) else {
            throw Failure("its jobs alone say what this campaign is: a file cannot be loaded into it", .refused)
        }
        var file = try AudienceFile(path)
        var bad = 0
        while true {
            let batch = try file.batch()
            guard batch.count > 0 else { return bad }
            let outlooks = try await store.outlook(of: batch, in: plan)
            let refused = zip(batch.people, outlooks).compactMap { person, outlook in
                outlook.problem.map { AudienceRefusal(line: person.member.line, reason: .rule($0)) }
            }
            for refusal in (batch.refused + refused).sorted(by: { $0.line < $1.line }) {
                bad += 1
                try reject(refusal, rejects, count: bad)
            }
        }
    }

    /// The next batch is read while the one before it is added.
    private func add(
        _ file: inout AudienceFile, to key: LoadKey, _ store: AudienceStore, _ rejects: RejectFile?
    ) async throws -> LoadReport {
        var progress = LoadProgress(isShown: !json)
        var report = LoadReport()
        var batch = try file.batch()
        while batch.count > 0 {
            let full = batch
            async let addition = store.add(full, to: key)
            batch = try file.batch()
            let result = try await addition
            report.note(full, result)
            for refusal in (full.refused + result.refused).sorted(by: { $0.line < $1.line }) {
                report.refused += 1
                try reject(refusal, rejects, count: report.refused)
            }
            progress.show(report.read)
        }
        return report
    }

    private func reject(_ refusal: AudienceRefusal, _ file: RejectFile?, count: Int) throws {
        // A file of another form would have a line for each of its lines.
        if count <= RejectFile.mostShown { Console.note(refusal.description) }
        if count == RejectFile.mostShown + 1 { Console.note("More lines are bad: --rejects FILE has all of them.") }
        try file?.write(refusal)
    }

    // MARK: From the audience

    private func waitForWorkers(_ pool: PostgresPool) async throws -> LoadReport {
        let campaigns = Campaigns(pool)
        let before = try await campaigns.progress(of: campaign.campaign)
        Console.note(try await campaigns.load(campaign.campaign, reason: why.reason))
        var progress = LoadProgress(isShown: !json)
        while true {
            guard let state = try await campaigns.progress(of: campaign.campaign), let load = state.load else {
                throw Failure("the campaign is not visible to this login any more", .refused)
            }
            switch load.state {
            case "done":
                let added = state.people - (before?.people ?? 0)
                let heldOut = state.heldOut - (before?.heldOut ?? 0)
                return LoadReport(
                    read: load.read, added: added, heldOut: heldOut,
                    duplicates: max(0, load.read - load.refused - added - heldOut), refused: load.refused)
            case "failed", "left":
                throw Failure("not loaded: \(load.error ?? "the load was given up")", .refused)
            default: progress.show(load.read)
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// What a load came to.
struct LoadReport: Encodable {
    var read = 0
    var added = 0
    /// Get nothing on purpose.
    var heldOut = 0
    /// In the campaign already, or twice in the file.
    var duplicates = 0
    var refused = 0

    mutating func note(_ batch: AudienceBatch, _ addition: AudienceBatch.Addition) {
        read += batch.count
        added += addition.added
        heldOut += addition.heldOut
        duplicates +=
            batch.count - batch.refused.count - addition.refused.count - addition.added - addition.heldOut
    }

    var text: String {
        "\(added) people loaded; \(heldOut > 0 ? "\(heldOut) held out; " : "")\(duplicates) were there already; \(refused) of \(read) lines are refused"
    }
}

/// Says how far a load is, every so many rows.
struct LoadProgress {
    private static let every = 100_000
    let isShown: Bool
    private let verb: String
    private var shown = 0

    init(isShown: Bool, verb: String = "read") { (self.isShown, self.verb) = (isShown, verb) }

    mutating func show(_ read: Int) {
        guard isShown, read / Self.every > shown / Self.every else { return }
        shown = read
        Console.note("\(read) rows \(verb)")
    }
}

/// Bad lines for a spreadsheet: their numbers and what is wrong, never what stands there.
final class RejectFile {
    /// Lines that are named on standard error.
    static let mostShown = 20

    private let handle: FileHandle

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data("line,problem\n".utf8)),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Failure("--rejects \(path) cannot be written", .output) }
        self.handle = handle
        _ = try? handle.seekToEnd()
    }

    func write(_ refusal: AudienceRefusal) throws {
        let problem = refusal.problem.replacing("\"", with: "\"\"")
        do {
            try handle.write(contentsOf: Data("\(refusal.line),\"\(problem)\"\n".utf8))
        } catch {
            throw Failure("the file of --rejects cannot be written any more", .output)
        }
    }
}

/// A CSV file of people, read a piece at a time.
struct AudienceFile {
    private let bytes: FileBytes
    private var reader: AudienceReader<FileBytes>

    /// - Parameter path: `-` is standard input.
    init(_ path: String) throws {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else { throw Failure("\(path) cannot be read", .refused) }
        bytes = FileBytes(handle)
        do {
            reader = try AudienceReader(bytes)
        } catch {
            throw bytes.failure ?? Failure(error.description, .refused)
        }
    }

    /// The next row, nil at the end.
    mutating func next() throws -> AudienceReader<FileBytes>.Row? {
        do {
            if let row = try reader.next() { return row }
        } catch {
            throw bytes.failure ?? Failure(error.description, .refused)
        }
        // A disk that fails looks like the file's end.
        if let failure = bytes.failure { throw failure }
        return nil
    }

    /// The next rows; none at the end.
    mutating func batch() throws -> AudienceBatch {
        var batch = AudienceBatch()
        while batch.count < AudienceStore.batchSize, let row = try next() {
            switch row {
            case .member(let member): batch.add(member)
            case .refused(let refusal): batch.add(refusal)
            }
        }
        return batch
    }
}

/// The bytes of a file. Whoever comes to the end asks whether it was one.
final class FileBytes: IteratorProtocol {
    private static let piece = 1 << 16

    private let handle: FileHandle
    private var bytes: [UInt8] = []
    private var place = 0
    /// Why it could not be read on.
    private(set) var failure: Failure?

    init(_ handle: FileHandle) { self.handle = handle }

    func next() -> UInt8? {
        if place == bytes.count {
            bytes = read()
            place = 0
            if bytes.isEmpty { return nil }
        }
        defer { place += 1 }
        return bytes[place]
    }

    private func read() -> [UInt8] {
        do {
            return Array(try handle.read(upToCount: Self.piece) ?? Data())
        } catch {
            failure = Failure("the file cannot be read on: \(error.localizedDescription)", .refused)
            return []
        }
    }
}

import ArgumentParser
import Delivery
import Foundation
import Insight
import Postgres

/// Lists what is on record. Addresses are shown by their shape; a file of `export` has them whole.
protocol EvidenceList: OutriderCommand {
    static var evidence: Evidence { get }
    var choice: EvidenceChoice { get }
    var limit: Int { get }
    var json: Bool { get }
    var withLifted: Bool { get }
}

/// Of whom.
struct EvidenceChoice: ParsableArguments {
    @Option(help: "Of this address alone, as jobs write it.") var address: String?
}

extension EvidenceList {
    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func perform() async throws {
        let entries = try await DatabaseVisit.make(as: "\(Self.evidence.rawValue) list") { pool in
            try await EvidenceDesk(pool).page(
                of: Self.evidence, after: 0, address: choice.address, withLifted: withLifted, limit: limit)
        }
        let columns = Self.evidence.columns
        let shown = entries.map { entry in
            zip(columns, entry.fields).map { $0 == "address" ? Self.shape(of: $1 ?? "") : $1 ?? "" }
        }
        guard !json else {
            return try Console.json(shown.map { Dictionary(uniqueKeysWithValues: zip(columns, $0)) })
        }
        guard !shown.isEmpty else { return Console.note("There is none.") }
        try Console.data(Table(columns, shown).text)
        if shown.count == limit { Console.note("There may be more: see --limit, or export them.") }
    }

    private static func shape(of address: String) -> String {
        (address.utf8.contains(UInt8(ascii: "@")) ? Redaction.emailAddress(address) : .phoneNumber(address)).description
    }
}

/// Writes all that is on record to standard output or a file, a page at a time.
protocol EvidenceExport: OutriderCommand {
    static var evidence: Evidence { get }
    var file: String? { get }
    var withLifted: Bool { get }
}

extension EvidenceExport {
    func perform() async throws {
        let out = try file.map(ExportFile.init)
        let count = try await DatabaseVisit.make(as: "\(Self.evidence.rawValue) export") { pool in
            try await export(EvidenceDesk(pool)) { line throws in
                if let out { try out.write(line) } else { try Console.data(line) }
            }
        }
        Console.note("\(count) records written")
    }

    private func export(_ desk: EvidenceDesk, to write: (String) throws -> Void) async throws -> Int {
        try write(Self.evidence.columns.joined(separator: ","))
        var (count, last) = (0, 0)
        var progress = LoadProgress(isShown: true, verb: "written")
        while true {
            let page = try await desk.page(of: Self.evidence, after: last, withLifted: withLifted)
            guard let end = page.last else { return count }
            try write(page.map { CSVLine.of($0.fields) }.joined(separator: "\n"))
            (count, last) = (count + page.count, end.id)
            progress.show(count)
        }
    }
}

/// Takes in a file, a batch at a time. Repeating it adds nothing that is there already.
protocol EvidenceImport: OutriderCommand {
    static var evidence: Evidence { get }
    var input: ImportOptions { get }
}

struct ImportOptions: ParsableArguments {
    @Argument(help: "A CSV file, or - for standard input.") var file: String
    @Flag(help: "Say what would become of each line, and write nothing.") var dryRun = false
    @Option(help: "Write the bad lines' numbers and what is wrong with them to this CSV file.") var rejects: String?
    @Flag(help: "Print JSON.") var json = false
}

extension EvidenceImport {
    func perform() async throws {
        let report = try await DatabaseVisit.make(as: "\(Self.evidence.rawValue) import") { pool in
            try await take(EvidenceDesk(pool))
        }
        if input.json { return try Console.json(report) }
        try Console.data(report.text)
    }

    /// The next batch is read while the one before it is taken in.
    private func take(_ desk: EvidenceDesk) async throws -> ImportReport {
        let rejects = try input.rejects.map(RejectFile.init)
        var file = try EvidenceFile(input.file, Self.evidence)
        var report = ImportReport(dryRun: input.dryRun)
        var progress = LoadProgress(isShown: !input.json)
        var batch = try file.batch()
        let (evidence, isDryRun) = (Self.evidence, input.dryRun)
        while batch.count > 0 {
            let full = batch
            async let taking = desk.take(full.records, as: evidence, isDryRun: isDryRun)
            batch = try file.batch()
            let taken = try await taking
            for problem in report.note(full, taken, evidence) {
                if report.refused <= RejectFile.mostShown { Console.note(problem.description) }
                try rejects?.write(AudienceRefusal(line: problem.line, reason: .rule(problem.words)))
            }
            progress.show(report.read)
        }
        if report.refused > RejectFile.mostShown { Console.note("More lines are bad: --rejects FILE has all of them.") }
        return report
    }
}

/// What an import came to.
struct ImportReport: Encodable {
    var dryRun: Bool
    var read = 0
    /// Suppressions or consents that were not there before.
    var added = 0
    var refused = 0

    /// - Returns: what is wrong, by lines.
    mutating func note(_ batch: EvidenceFile.Batch, _ taken: [Evidence.Taken], _ evidence: Evidence) -> [RecordProblem]
    {
        read += batch.count
        added += taken.map(\.added).reduce(0, +)
        let broken = zip(batch.records, taken).compactMap { record, taken in
            taken.problem.map { RecordProblem(line: record.line, evidence.column(of: $0), "breaks the rule \($0)") }
        }
        let problems = (batch.refused + broken).sorted { $0.line < $1.line }
        refused += problems.count
        return problems
    }

    var text: String {
        "\(dryRun ? "would add" : "added") \(added); \(refused) of \(read) lines \(dryRun ? "would be" : "were") refused"
    }
}

/// A file of records, read a piece at a time.
struct EvidenceFile {
    struct Batch {
        var records: [CSVFields] = []
        var refused: [RecordProblem] = []
        var count: Int { records.count + refused.count }
    }

    private let bytes: FileBytes
    private var reader: RecordReader<FileBytes>

    /// - Parameter path: `-` is standard input.
    init(_ path: String, _ evidence: Evidence) throws {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else { throw Failure("\(path) cannot be read", .refused) }
        bytes = FileBytes(handle)
        do {
            reader = try RecordReader(bytes, columns: evidence.columns, needed: evidence.needed)
        } catch {
            throw bytes.failure ?? Failure(error.description, .refused)
        }
    }

    /// The next records; none at the end.
    mutating func batch() throws -> Batch {
        var batch = Batch()
        while batch.count < EvidenceDesk.batchSize {
            let row: RecordReader<FileBytes>.Row?
            do { row = try reader.next() } catch { throw bytes.failure ?? Failure(error.description, .refused) }
            // A disk that fails looks like the file's end.
            if let failure = bytes.failure { throw failure }
            switch row {
            case .record(let fields) where fields.values["lifted_at"] != nil:
                batch.refused.append(
                    RecordProblem(
                        line: fields.line, "lifted_at", "must be empty: what was lifted is not taken in again"))
            case .record(let fields): batch.records.append(fields)
            case .refused(let problem): batch.refused.append(problem)
            case nil: return batch
            }
        }
        return batch
    }
}

/// A file that is written line by line. It has whole addresses: its owner alone may read it.
final class ExportFile {
    private let handle: FileHandle

    init(_ path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(), attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Failure("\(path) cannot be written", .output) }
        self.handle = handle
    }

    func write(_ line: String) throws {
        do {
            try handle.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            throw Failure("the file cannot be written any more", .output)
        }
    }
}

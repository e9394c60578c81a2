import ArgumentParser
import Insight
import Postgres

struct Forget: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Purge what is kept about an address: contents, addresses, messages.",
        discussion: """
            Every job to the address is found, whatever its spelling. Its content and its addresses are taken out; that \
            there was a job, and what became of it, stays. Suppressions, consents and STOPs stay: by them the person is \
            not written to again. Jobs that have not ended are refused, or canceled first with --cancel. All jobs are \
            walked, so it takes a while; it may be cut off and run again. Jobs that are asked for meanwhile are not \
            found: stop the source first. What is in backups, in PostgreSQL's log and at the providers is not reached. \
            Needs a login with the role outrider_operator; who did it, when and why is kept, with a digest of the address.

            Examples:
              outrider forget +15005550010 --dry-run --reason 'letter of 3 May'
              outrider forget ann@example.com --cancel --reason 'letter of 3 May, ticket 17'

            \(ExitStatus.help)
            """)

    @Argument(help: "A number such as +15005550010, or an e-mail address.") var address: String
    @Option(help: "Who asked for it, or why. It is kept: write no address into it.") var reason: String
    @Flag(help: "Cancel jobs that have not ended.") var cancel = false
    @Flag(help: "Say what there is, and change nothing.") var dryRun = false
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let report = try await DatabaseVisit.make(as: "forget") { pool in
            let desk = PrivacyDesk(pool)
            let found = try await find(desk)
            if dryRun { return found }
            return try await forget(found, desk)
        }
        if json { try Console.json(report) } else { try Console.data(report.text) }
    }

    private func find(_ desk: PrivacyDesk) async throws -> ErasureReport {
        var report = ErasureReport(dryRun: dryRun)
        let walk = PersonWalk(desk: desk, address: address, isShown: !json)
        try await walk.jobs { found, underWay in
            report.jobIDs += found
            report.underWayIDs += underWay
        }
        try await walk.messages { found, words in
            report.messageIDs += found
            report.words += words.count
        }
        report.elsewhere = try await desk.elsewhere(address)
        return report
    }

    private func forget(_ found: ErasureReport, _ desk: PrivacyDesk) async throws -> ErasureReport {
        var report = found
        guard cancel || found.underWayIDs.isEmpty else {
            let first = found.underWayIDs.prefix(5).map(String.init).joined(separator: ", ")
            throw Failure(
                "\(found.underWayIDs.count) job(s) to it have not ended, such as \(first). Nothing was changed. "
                    + "Wait for them, or cancel them with --cancel.", .refused)
        }
        try await desk.note("erasure asked for", of: address, reason: reason, counts: found.counts)
        for job in found.underWayIDs { try await desk.cancel(job: job) }
        report.canceled = found.underWayIDs.count
        report.purgedJobs = 0
        for jobs in found.jobIDs.batches() { report.purgedJobs += try await desk.forget(jobs: jobs, of: address) }
        for messages in found.messageIDs.batches() {
            report.purgedMessages += try await desk.forget(messages: messages)
        }
        try await desk.forgetElsewhere(address)
        try await desk.note("erased", of: address, reason: reason, counts: report.counts)
        return report
    }
}

/// What there is about an address, and what was done about it.
struct ErasureReport: Encodable {
    var dryRun: Bool
    var jobIDs: [Int] = []
    var underWayIDs: [Int] = []
    var messageIDs: [String] = []
    /// Messages that are a STOP or START.
    var words = 0
    var canceled = 0
    var purgedJobs = 0
    var purgedMessages = 0
    var elsewhere: [PersonalRows] = []

    private enum CodingKeys: String, CodingKey {
        case dryRun, jobs, underWay, messages, words, canceled, purgedJobs, purgedMessages, elsewhere
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dryRun, forKey: .dryRun)
        try container.encode(jobIDs.count, forKey: .jobs)
        try container.encode(underWayIDs.count, forKey: .underWay)
        try container.encode(messageIDs.count, forKey: .messages)
        try container.encode(words, forKey: .words)
        try container.encode(canceled, forKey: .canceled)
        try container.encode(purgedJobs, forKey: .purgedJobs)
        try container.encode(purgedMessages, forKey: .purgedMessages)
        try container.encode(elsewhere, forKey: .elsewhere)
    }

    /// By table, for the record.
    var counts: [String: Int] {
        var counts = ["jobs": jobIDs.count, "inbound_messages": messageIDs.count, "canceled": canceled]
        for rows in elsewhere where rows.count > 0 { counts[rows.place] = rows.count }
        return counts
    }

    var text: String {
        var table = Table("what", "rows", dryRun ? "would be" : "is")
        table.add("jobs", String(jobIDs.count), "purged: content and addresses")
        if !underWayIDs.isEmpty {
            table.add("jobs under way", String(underWayIDs.count), dryRun ? "canceled, with --cancel" : "canceled")
        }
        table.add("inbound_messages", String(messageIDs.count - words), "purged: who wrote")
        table.add("inbound_messages: STOP, START", String(words), "kept")
        for rows in elsewhere { table.add(rows.place, String(rows.count), Self.words(rows.fate)) }
        return [table.text, Self.remark].joined(separator: "\n")
    }

    private static let remark = """
        Suppressions, consents and STOPs are kept: they keep the person from being written to again.
        A job that was canceled may still arrive where a provider had taken it. Backups and providers are not reached.
        """

    private static func words(_ fate: PersonalRows.Fate) -> String {
        switch fate {
        case .purge: "purged"
        case .keep: "kept"
        case .byHand: "left: change or drop them by hand"
        }
    }
}

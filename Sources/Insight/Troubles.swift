public import Delivery
import Postgres
import Schema

extension Overview {
    /// What is known of the running Outrider, by the database.
    func condition(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Condition {
        let row = try await fetch(.condition, [], end).first
        guard let row else { throw .decoding(column: "condition", expected: "a row") }
        return Condition(
            isReadOnly: try row.bool("is_read_only"),
            displacement: try row.optionalString("displacement").map { Displacement(word: $0) },
            schema: try row.optionalInt("schema_number") ?? 0,
            knownSchema: Schema.migrations.last?.number ?? 0, workers: try row.int("workers"),
            overdueSeconds: try await fetch(.oldestOverdue, [], end).first?.optionalDouble("age_seconds") ?? 0,
            senders: try await senders(end), reports: try await reports(end),
            campaigns: try await stoppedCampaigns(end),
            prefixes: try await pumpedPrefixes(end)
        )
    }

    /// What is in trouble.
    func troubles(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Trouble] {
        try await condition(end).troubles
    }

    /// Tries a write of new pages: nil when the database takes it, or when it is known to take none. For who asks once, and
    /// for gateways now and then: it is too dear for each look of each process.
    public func refusedWrite(beside troubles: [Trouble]) async -> Trouble? {
        let known: [Trouble.Cause] = [.databaseReadOnly, .schemaTooOld, .schemaTooNew]
        guard !troubles.contains(where: { known.contains($0.cause) }) else { return nil }
        do throws(PostgresError) {
            _ = try await fetch(.tryWrite, [], ContinuousClock.now + deadline)
            return nil
        } catch {
            return error.sqlState == nil
                ? nil : Trouble(.writesRefused, of: Trouble.newPages, detail: error.description)
        }
    }

    private func senders(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Condition.Sender] {
        var senders: [Condition.Sender] = []
        var meanings: [String: String] = [:]
        for row in try await fetch(.senderStates, [], end) {
            guard let channel = Channel(rawValue: try row.string("channel")) else { continue }
            var sender = Condition.Sender(
                name: try row.string("name"), channel: channel, isEnabled: try row.bool("enabled"))
            if try row.bool("is_paused") {
                let reason = try row.string("paused_reason")
                sender.pausedSeconds = try row.optionalDouble("paused_seconds") ?? 0
                sender.code = Condition.Sender.code(ofPause: reason)
                sender.meaning = reason
                if let code = sender.code {
                    let table = channel.isPhone ? "twilio" : "sendgrid"
                    if meanings[code] == nil { meanings[code] = try await meaning(of: code, in: table, end) }
                    sender.meaning = meanings[code] ?? ""
                }
            }
            senders.append(sender)
        }
        return senders
    }

    private func meaning(
        of code: String, in table: String, _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> String {
        try await fetch(.meaning, [.text(table), .text(code)], end).first?.string("meaning") ?? ""
    }

    private func stoppedCampaigns(
        _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Condition.StoppedCampaign] {
        var campaigns: [Condition.StoppedCampaign] = []
        for row in try await fetch(.stoppedCampaigns, [], end) {
            campaigns.append(
                Condition.StoppedCampaign(
                    name: try row.string("name"), reason: try row.string("reason"), seconds: try row.double("seconds")))
        }
        return campaigns
    }

    private func pumpedPrefixes(
        _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Condition.PumpedPrefix] {
        var prefixes: [Condition.PumpedPrefix] = []
        for row in try await fetch(.stoppedPrefixes, [], end) {
            prefixes.append(
                Condition.PumpedPrefix(
                    prefix: try row.string("prefix"), messages: try row.int("messages"),
                    arrived: try row.int("arrived"), isStopped: try row.bool("was_enforced"),
                    seconds: try row.double("seconds")))
        }
        return prefixes
    }

    private func reports(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Condition.Report] {
        var reports: [Condition.Report] = []
        for row in try await fetch(.reportedTroubles, [], end) {
            // A cause that this version does not know was written by a newer one, which shows it.
            guard let cause = Trouble.Cause(rawValue: try row.string("cause")) else { continue }
            reports.append(
                Condition.Report(
                    cause: cause, scope: try row.string("scope"), detail: try row.string("detail"),
                    processes: try row.int("processes"), seconds: try row.double("seconds")))
        }
        return reports
    }
}

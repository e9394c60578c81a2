import Delivery
import JobQueue
import Postgres

/// Arrivals sorted by kind, each kind one statement. What PostgreSQL could not read is left out and stays unknown.
struct ArrivalBatch {
    private var receipts: [(position: Int, ReceiptArrival)] = []
    private var inbound: [(position: Int, InboundArrival)] = []
    private var reports: [(position: Int, ReceiptArrival)] = []
    private var suppressions: [(position: Int, SuppressionArrival)] = []
    private var resubscriptions: [(position: Int, SuppressionArrival)] = []
    private let count: Int
    private let classes: ErrorClasses

    /// - Parameter classes: what provider codes mean.
    init(_ arrivals: [Arrival], classes: ErrorClasses) {
        count = arrivals.count
        self.classes = classes
        for (position, arrival) in arrivals.enumerated() {
            switch arrival {
            case .receipt(let receipt):
                if receipt.isReadable { receipts.append((position, receipt)) }
            case .report(let report):
                if report.providerID.map({ !$0.isEmpty && !$0.utf8.contains(0) }) ?? false {
                    reports.append((position, report))
                }
            case .inbound(let message):
                if message.isReadable { inbound.append((position, message)) }
            case .suppression(let suppression):
                if suppression.isReadable { suppressions.append((position, suppression)) }
            case .resubscription(let taken):
                if taken.isReadable { resubscriptions.append((position, taken)) }
            }
        }
    }

    /// Stores everything, each kind in its own commit. A failure may leave some kinds stored; repeating is harmless.
    /// - Returns: the fate of each arrival, in the order they were given.
    func store(in database: PostgresPool, deadline: Duration) async throws(PostgresError) -> [Arrival.Fate] {
        let end = ContinuousClock.now + deadline
        let steps = try await namingReports(from: database, deadline: deadline).steps
        var fates = [Arrival.Fate](repeating: .unknown, count: count)
        for step in steps where !step.positions.isEmpty {
            let remaining = max(.zero, end - ContinuousClock.now)
            let rows = try await step.run(in: database, deadline: remaining)
            for (position, row) in zip(step.positions, rows) {
                fates[position] = Arrival.Fate(rawValue: try row.string("fate")) ?? .unknown
            }
        }
        return fates
    }

    /// The batch with its reports as receipts of the attempts whose messages they are about.
    private func namingReports(
        from database: PostgresPool, deadline: Duration
    ) async throws(PostgresError) -> ArrivalBatch {
        guard !reports.isEmpty else { return self }
        var attempts: [String: Row] = [:]
        for row in try await database.fetch(
            .findAttempts, [.textArray(reports.map { $0.1.providerID })], deadline: deadline)
        {
            attempts[try row.string("provider_id")] = row
        }
        var batch = self
        for (position, report) in reports {
            guard let row = report.providerID.flatMap({ attempts[$0] }) else { continue }
            var receipt = report
            receipt.jobID = try row.int("job_id")
            receipt.generation = try row.int("generation")
            receipt.token = try row.string("token")
            if receipt.isReadable { batch.receipts.append((position, receipt)) }
        }
        return batch
    }

    private struct Step {
        var positions: [Int]
        var statement: Statement
        var parameters: [Parameter]
        /// Whose words must wait for each other.
        var speakers: [String] = []
        /// Messages with sentences that ask for an end. They are stored in the same transaction.
        var wishes: [InboundArrival] = []

        func run(in database: PostgresPool, deadline: Duration) async throws(PostgresError) -> [Row] {
            guard !speakers.isEmpty else { return try await database.fetch(statement, parameters, deadline: deadline) }
            let end = ContinuousClock.now + deadline
            return try await database.transaction(deadline: deadline) { transaction throws(PostgresError) in
                // A statement of its own, as the next one's snapshot has to be taken with the locks held.
                try await transaction.execute(.lockWords, [.textArray(speakers)], deadline: end - .now)
                if !wishes.isEmpty {
                    try await transaction.execute(.storeWishes, wishColumns, deadline: end - .now)
                }
                return try await transaction.fetch(statement, parameters, deadline: end - .now)
            }
        }

        private var wishColumns: [Parameter] {
            [
                .textArray(wishes.map(\.providerID)), .textArray(wishes.map(\.channel.rawValue)),
                .textArray(wishes.map(\.from)), .textArray(wishes.map(\.to)),
                .textArray(wishes.map { $0.wish?.text.replacing("\0", with: "") }),
            ]
        }
    }

    private var steps: [Step] {
        [
            Step(
                positions: receipts.map(\.position), statement: .storeReceipts,
                parameters: receiptColumns(receipts.map(\.1))),
            Step(
                positions: inbound.map(\.position), statement: .storeInbound,
                parameters: inboundColumns(inbound.map(\.1)),
                speakers: inbound.map(\.1).filter(\.speaks).map(\.from),
                wishes: inbound.map(\.1).filter { $0.wish != nil }),
            Step(
                positions: suppressions.map(\.position), statement: .storeSuppressions,
                parameters: suppressionColumns(suppressions.map(\.1))),
            // After what was suppressed, so that both may come in one batch.
            Step(
                positions: resubscriptions.map(\.position), statement: .liftSuppressions,
                parameters: suppressionColumns(resubscriptions.map(\.1))),
        ]
    }

    /// What a receipt means is found out here, by the rules that workers have; the statement does what it is told.
    private func receiptColumns(_ rows: [ReceiptArrival]) -> [Parameter] {
        let events = rows.map { row in
            row.event(known: row.code.flatMap { classes.lookUp(provider: row.provider, code: $0) })
        }
        let columns = events.map(\.columns)
        let consequences = zip(rows, events).map { row, event in
            Consequence.of(event, on: row.channel, job: row.jobID)
        }
        return [
            .intArray(rows.map(\.jobID)), .intArray(rows.map(\.generation)), .uuidArray(rows.map(\.token)),
            .textArray(columns.map(\.status)), .textArray(columns.map(\.level)), .textArray(columns.map(\.code)),
            .textArray(columns.map(\.failure)), .textArray(columns.map(\.providerID)),
            .textArray(events.map { ($0.retryAfter?.components.seconds).map { String($0) } }),
            .boolArray(rows.map(\.needsDecision)), .textArray(consequences.map(\.suppressed)),
            .textArray(consequences.map(\.suppressionReason)), .textArray(consequences.map(\.refusal)),
            .double(Double(Consequence.pause.components.seconds)), .intArray(consequences.map(\.refusalLimit)),
            .boolArray(consequences.map { $0.contains(.gotThrough) }), .textArray(consequences.map(\.dead)),
            .textArray(consequences.map(\.alive)),
        ]
    }

    private func inboundColumns(_ rows: [InboundArrival]) -> [Parameter] {
        [
            .textArray(rows.map(\.providerID)), .textArray(rows.map(\.channel.rawValue)), .textArray(rows.map(\.from)),
            .textArray(rows.map(\.to)), .textArray(rows.map { $0.keyword?.rawValue }),
            .textArray(rows.map { $0.sentAt?.microseconds.description }),
        ]
    }

    private func suppressionColumns(_ rows: [SuppressionArrival]) -> [Parameter] {
        [
            .textArray(rows.map(\.address)), .textArray(rows.map(\.channel.rawValue)), .textArray(rows.map(\.reason)),
            .textArray(rows.map(\.source)), .textArray(rows.map { $0.at?.microseconds.description }),
            .textArray(rows.map { Self.literal($0.reach.words.map { $0.isEmpty ? "\"\"" : $0 }) }),
        ]
    }

    /// An array of plain words within an array, as statements read it: `{alert,marketing}`.
    fileprivate static func literal(_ words: [String]) -> String { "{\(words.joined(separator: ","))}" }
}

extension [Consequence] {
    /// What to suppress, as the statement reads it: each channel with a category or none, `{sms:,voice:marketing}`.
    fileprivate var suppressed: String? {
        let pairs = flatMap { consequence -> [String] in
            guard case .suppress(let channels, let reach, _) = consequence else { return [] }
            return channels.map(\.rawValue).sorted().flatMap { channel in reach.words.map { "\(channel):\($0)" } }
        }
        return pairs.isEmpty ? nil : ArrivalBatch.literal(pairs)
    }

    /// On which channels the number is dead, as the statement reads them: `{sms,whatsapp}`.
    fileprivate var dead: String? {
        firstValue { consequence in
            guard case .dead(let channels, _, _) = consequence else { return nil }
            return ArrivalBatch.literal(channels.map(\.rawValue).sorted())
        }
    }

    /// On which channel the number is alive.
    fileprivate var alive: String? {
        firstValue { if case .alive(let channel) = $0 { channel.rawValue } else { nil } }
    }

    fileprivate var suppressionReason: String? {
        firstValue { if case .suppress(_, _, let reason) = $0 { reason } else { nil } }
    }

    fileprivate var refusal: String? {
        firstValue { if case .refusal(let reason, _) = $0 { reason } else { nil } }
    }

    /// How many jobs with such a refusal are enough; without one it means nothing.
    fileprivate var refusalLimit: Int {
        for case .refusal(_, let limit) in self { return limit }
        return 0
    }

    private func firstValue(_ value: (Consequence) -> String?) -> String? {
        lazy.compactMap(value).first
    }
}

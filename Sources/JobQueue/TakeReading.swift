import Delivery
import Postgres
import Synchronization

extension Take {
    /// - Parameter isRated: whether it was asked with the rate of a campaign.
    /// - Throws: `StoreError.unreadable` when the answer as a whole is not what the statement promises. A single job that
    ///   cannot be read is a row of the take.
    init(rows: [Row], ladders: LadderBook, isRated: Bool) throws(StoreError) {
        do {
            guard let first = rows.first else { throw StoreError.unreadable("a take answers with at least one row") }
            let takenAt = Instant(microseconds: Int64(try first.int("taken_at")))
            self.init(
                takenAt: takenAt,
                rows: try rows.compactMap { row in
                    guard try row.optionalString("row") != nil else { return nil }
                    return try TakenRow(row, takenAt: takenAt, ladders)
                },
                slot: try first.int("slot"), wonSlot: try first.optionalInt("won_slot"),
                campaign: isRated
                    ? CampaignTaking(
                        slot: try first.int("campaign_slot"), won: try first.optionalInt("campaign_won") ?? 0,
                        isSpent: try first.int("campaign_free") == 0) : nil,
                oldestTransaction: UInt64(try first.string("oldest_transaction")) ?? 0,
                nextTransaction: UInt64(try first.string("next_transaction")) ?? .max)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(String(describing: error))
        }
    }
}

extension TakenRow {
    fileprivate init(_ row: Row, takenAt: Instant, _ ladders: LadderBook) throws {
        let due = try DueRow(row)
        guard try row.optionalString("tenant") != nil else {
            self.init(due, .gone)
            return
        }
        do {
            self.init(due, .job(try TakenJob(row, due: due, takenAt: takenAt, ladders)))
        } catch StoreError.unreadable(let what) {
            self.init(due, .unreadable(what))
        } catch {
            self.init(due, .unreadable(String(describing: error)))
        }
    }
}

extension DueRow {
    fileprivate init(_ row: Row) throws {
        self.init(
            place: try row.string("row"),
            key: DueKey(atMicroseconds: try row.int("due_at"), jobID: try row.int("job_id")), step: try row.int("step"),
            generation: try row.int("generation"), ladderID: try row.optionalInt("ladder_id"),
            reason: DueReason(rawValue: try row.string("reason")), cost: try row.int("cost"))
    }
}

extension TakenJob {
    fileprivate init(_ row: Row, due: DueRow, takenAt: Instant, _ ladders: LadderBook) throws {
        guard let reason = due.reason else { throw StoreError.unreadable("reason: a word this version does not know") }
        let channel = try StoreError.value(try row.string("channel"), of: "channel", Channel.init)
        let category = try StoreError.value(try row.string("category"), of: "category", Category.init)
        let deadline = try row.optionalInt("expires_us").map { Instant(microseconds: Int64($0)) }
        let dueAt = Instant(microseconds: Int64(try row.int("created_us")))
        self.init(
            due: due, reason: reason, takenAt: takenAt,
            tenant: try row.string("tenant"),
            category: category,
            priority: try row.int("priority"), ladder: try ladders.ladder(row, of: due, channel: channel),
            expiresAt: category.deadline(asked: deadline, dueAt: dueAt),
            locale: try row.string("locale"), channel: channel, address: try row.optionalString("address"),
            sender: try row.optionalInt("sender_id").map { id in
                Sender(
                    id: id, address: try row.string("sender_address"),
                    displayName: try row.optionalString("sender_display_name"))
            },
            isEnded: try row.bool("is_ended"), isBegun: try row.bool("is_begun"),
            isSuppressed: try row.bool("is_suppressed"), isWindowOpen: try row.bool("is_window_open"),
            content: try JobContent(row), history: try JobHistory(row, of: due.jobID))
        timeZone = try row.string("time_zone")
        hasConsent = try row.bool("has_consent")
        dead = try row.optionalString("dead").flatMap(DeadAddress.init(words:))
        lookup = try row.optionalString("lookups").map(NumberLookup.init(words:)) ?? NumberLookup()
        lacksTemplate = try row.bool("lacks_template")
        windowOpens = try row.optionalInt("window_opens").map { Instant(microseconds: Int64($0)) }
    }
}

extension DeadAddress {
    /// - Parameter words: class, code and microseconds, as a take writes them; nil when this version does not know the class.
    fileprivate init?(words: String) {
        let parts = words.split(separator: " ")
        guard parts.count == 3, let failure = FailureClass(rawValue: String(parts[0])), let until = Int64(parts[2])
        else { return nil }
        self.init(failure, code: String(parts[1]), until: Instant(microseconds: until))
    }
}

extension NumberLookup {
    /// - Parameter words: each package with what was found, as a take writes them. A package that this version does not know
    ///   is left out.
    fileprivate init(words: String) {
        self.init()
        for answer in words.split(separator: ",") {
            let parts = answer.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let package = LookupPackage(rawValue: String(parts[0])) else { continue }
            let found = String(parts[1])
            answers[package] = found == "-" ? .nothing(code: "told_nothing") : Answer(package, found: found)
        }
    }
}

extension JobContent {
    fileprivate init(_ row: Row) throws {
        self.init(
            isTemplate: try row.bool("is_template"),
            body: try row.optionalString("body"), subject: try row.optionalString("subject"),
            html: try row.optionalString("html"), contentSID: try row.optionalString("content_sid"),
            contentVariables: try row.textArray("content_variables").compactMap(\.self),
            dynamicTemplate: try row.optionalString("dynamic_template"),
            mediaURLs: try row.textArray("media_urls").compactMap(\.self), dataJSON: try row.string("data"))
        guard try row.optionalString("sealed") != nil else { return }
        let parts = try row.textArray("sealed")
        guard parts.count == 4, let text = parts[0] else {
            throw StoreError.unreadable("sealed: not a text and its owner")
        }
        seal = .closed(SealedContent(text, address: parts[1], phone: parts[2], email: parts[3]))
    }
}

extension JobHistory {
    fileprivate init(_ row: Row, of job: Int) throws {
        self.init(try row.optionalString("history").map { try EventRow.events($0, of: job) } ?? [])
    }
}

/// The ladders that were read already. A version never changes, so each is read once.
final class LadderBook: Sendable {
    /// A bound for the memory, far above what an installation has.
    private static let limit = 1_000
    private let ladders = Mutex<[Int: Ladder]>([:])

    /// Their ids.
    var known: [Int] { ladders.withLock { Array($0.keys) } }

    /// The job's ladder; of a job that names none, its one step.
    func ladder(_ row: Row, of due: DueRow, channel: Channel) throws -> Ladder {
        guard let id = due.ladderID else {
            let wait = try row.optionalInt("wait_seconds").map { Duration.seconds($0) }
            return Ladder(steps: [.single(channel, wait: wait)])
        }
        if let json = try row.optionalString("ladder") {
            let ladder = try Self.ladder(json)
            ladders.withLock { ladders in
                if ladders.count < Self.limit { ladders[id] = ladder }
            }
            return ladder
        }
        guard let ladder = ladders.withLock({ $0[id] }) else { throw StoreError.unreadable("ladder: no step") }
        return ladder
    }

    private static func ladder(_ text: String) throws -> Ladder {
        guard let steps = JSON(parsing: Array(text.utf8))?.array, !steps.isEmpty else {
            throw StoreError.unreadable("ladder: no step")
        }
        return Ladder(steps: try steps.map { try step($0.array ?? []) })
    }

    /// In the order in which `outrider.job_facts` writes it.
    private static func step(_ columns: [JSON]) throws -> LadderStep {
        guard columns.count >= 5, let wait = columns[1].integer, let maxAttempts = columns[3].integer else {
            throw StoreError.unreadable("ladder: not a step")
        }
        return LadderStep(
            channel: try StoreError.value(columns[0].string ?? "", of: "step channel", Channel.init),
            wait: .seconds(wait),
            success: try StoreError.value(columns[2].string ?? "", of: "step success", SuccessLevel.init),
            maxAttempts: maxAttempts, onUnknown: columns[4].string.flatMap(UnknownPolicy.init),
            onFailure: columns.count > 5 ? policies(columns[5]) : [:])
    }

    /// A word that a newer release brought is left out: then what follows by itself does.
    private static func policies(_ written: JSON) -> [FailureClass: FailurePolicy] {
        guard case .object(let members) = written else { return [:] }
        return members.reduce(into: [:]) { known, member in
            guard let failure = FailureClass(rawValue: member.name) else { return }
            known[failure] = member.value.string.flatMap(FailurePolicy.init)
        }
    }
}

import Delivery
import Foundation
import Postgres

extension Claim {
    /// - Throws: `StoreError.unreadable` when a row is not what the statement promises; the batch must then be given back.
    init(rows: [Row]) throws(StoreError) {
        do {
            guard let first = rows.first else { throw StoreError.unreadable("a claim answers with at least one row") }
            taken = try first.int("taken")
            leaseID = try first.optionalInt("lease_id")
            wonSlot = try first.optionalInt("won_slot")
            oldestTransaction = UInt64(try first.string("oldest_transaction")) ?? 0
            nextTransaction = UInt64(try first.string("next_transaction")) ?? .max
            if let at = try first.optionalInt("last_at"), let id = try first.optionalInt("last_job_id") {
                lastKey = DueKey(atMicroseconds: at, jobID: id)
            }
            let leaseID = leaseID
            jobs = try rows.compactMap { row in
                guard let leaseID, try row.optionalInt("job_id") != nil else { return nil }
                return try ClaimedJob(row: row, leaseID: leaseID)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(String(describing: error))
        }
    }
}

extension ClaimedJob {
    init(row: Row, leaseID: Int) throws {
        self.leaseID = leaseID
        id = try row.int("job_id")
        step = try row.int("step")
        wake = Wake(
            generation: try row.int("generation"),
            reason: try StoreError.value(try row.string("reason"), of: "reason", WakeReason.init))
        ladderID = try row.optionalInt("ladder_id")
        cost = try row.int("cost")
        claimedAt = Instant(microseconds: Int64(try row.int("claimed_at")))
        dueKey = DueKey(atMicroseconds: try row.int("due_at"), jobID: id)
        tenant = try row.string("tenant")
        category = try StoreError.value(try row.string("category"), of: "category", Category.init)
        expiresAt = try row.optionalInt("expires_at").map { Instant(microseconds: Int64($0)) }
        locale = try row.string("locale")
        channel = try StoreError.value(try row.string("channel"), of: "channel", Channel.init)
        address = try row.optionalString("address")
        sendKey = try row.int("send_key")
        sender = try row.optionalInt("sender_id").map { id in
            Sender(
                id: id, address: try row.string("sender_address"),
                displayName: try row.optionalString("sender_display_name"))
        }
        token = try row.optionalString("token")
        isSuppressed = try row.bool("is_suppressed")
        isWindowOpen = try row.bool("is_window_open")
        content = try JobContent(row: row)
        ladder = try Self.ladder(row, channel: channel)
        history = try JobHistory(row: row, of: id)
    }

    private static func ladder(_ row: Row, channel: Channel) throws -> Ladder {
        guard let json = try row.optionalString("ladder") else {
            let wait = try row.optionalInt("wait_seconds").map { Duration.seconds($0) }
            return Ladder(steps: [.single(channel, wait: wait)])
        }
        let steps = try JSONDecoder().decode([StoredStep].self, from: Data(json.utf8))
        guard !steps.isEmpty else { throw StoreError.unreadable("ladder: no step") }
        return Ladder(steps: try steps.map { try $0.step() })
    }

    private struct StoredStep: Decodable {
        var c: String
        var w: Int
        var s: String
        var m: Int
        var u: String?

        func step() throws -> LadderStep {
            LadderStep(
                channel: try StoreError.value(c, of: "step channel", Channel.init), wait: .seconds(w),
                success: try StoreError.value(s, of: "step success", SuccessLevel.init), maxAttempts: m,
                onUnknown: u.flatMap(UnknownPolicy.init))
        }
    }
}

extension JobContent {
    fileprivate init(row: Row) throws {
        self.init(
            isTemplate: try row.bool("is_template"),
            body: try row.optionalString("body"), subject: try row.optionalString("subject"),
            html: try row.optionalString("html"), contentSID: try row.optionalString("content_sid"),
            contentVariables: try row.textArray("content_variables").compactMap(\.self),
            dynamicTemplate: try row.optionalString("dynamic_template"),
            mediaURLs: try row.textArray("media_urls").compactMap(\.self), dataJSON: try row.string("data"))
    }
}

extension JobHistory {
    fileprivate init(row: Row, of job: Int) throws {
        guard let json = try row.optionalString("history") else {
            self.init()
            return
        }
        self.init(try JSONDecoder().decode([EventRow].self, from: Data(json.utf8)).map { $0.event(of: job) })
    }
}

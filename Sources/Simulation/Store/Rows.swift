import Delivery
import JobQueue

/// A row of `jobs`.
struct JobRow: Sendable, CustomStringConvertible {
    var id: Int
    var category: Delivery.Category
    /// Nil for a `send`.
    var ladderID: Int?
    var channel: Channel?
    var address: String?
    var phone: String?
    var email: String?
    var body: String?
    var template: Int?
    var waitSeconds: Int?
    var campaignID: Int?
    var tenant = "default"
    var runAt: Time?
    var createdAt: Time = 0
    var expiresAt: Time?
    /// Whether a take that reads it takes too long, as long as there are faults.
    var isHuge = false
    /// Whether this version cannot read it, as long as there are faults.
    var isUnreadable = false
    /// The addresses suppressed when it was inserted. Only a planted bug reads it.
    var suppressedAtInsert: Set<SuppressionKey> = []

    /// Until when a message of it is worth sending.
    var deadline: Instant? {
        category.deadline(asked: expiresAt?.instant, dueAt: max(runAt ?? createdAt, createdAt).instant)
    }

    func address(on channel: Channel) -> String? {
        channel == .email ? address ?? email : address ?? phone
    }

    var priority: Int {
        switch category {
        case .otp: 0
        case .alert: 1
        case .transactional: 2
        case .marketing: 3
        }
    }

    var description: String {
        "job \(id) \(category.rawValue) "
            + (ladderID.map { "ladder \($0) to \(phone ?? "-") \(email ?? "-")" }
                ?? "\(channel?.rawValue ?? "-") to \(address ?? "-")")
    }
}

/// A row of `due`, where it stands.
struct PlacedRow: Sendable, CustomStringConvertible {
    /// Tells the rows apart, as their place in the table does.
    var number = 0
    var at: Time
    var jobID: Int
    var lane: Int
    var reason: DueReason
    var step: Int
    var generation: Int
    var ladderID: Int?
    var cost = 1

    var key: DueKey { DueKey(atMicroseconds: Int(at.instant.microseconds), jobID: jobID) }

    /// As a take shows it.
    var due: DueRow {
        DueRow(
            place: String(number), key: key, step: step, generation: generation, ladderID: ladderID, reason: reason,
            cost: cost)
    }

    var description: String {
        "\(reason.rawValue) job \(jobID).\(generation) step \(step) at \(at / 1000) ms, lane \(lane)"
            + (cost > 1 ? ", cost \(cost)" : "")
    }
}

/// One attempt of one job.
struct AttemptKey: Sendable, Hashable {
    var jobID: Int
    var generation: Int
}

extension RecordedEvent {
    /// As a line of the trace has it.
    var line: String {
        let columns = columns
        return "job \(jobID).\(generation) \(columns.kind)/\(columns.status)"
            + [
                step.map { "step \($0)" }, channel?.rawValue, columns.code, columns.failure.map { "class \($0)" },
                columns.level.map { "level \($0)" }, columns.providerID, columns.reason,
            ].compactMap { $0.map { " " + $0 } }.joined()
    }

    var attempt: AttemptKey { AttemptKey(jobID: jobID, generation: generation) }

    /// When it happened, in the time of the run.
    var time: Time { Time(at) }
}

/// A row of `leases`.
struct LeaseRow: Sendable {
    /// What is held of one job.
    struct Item: Sendable {
        var jobID: Int
        var generation: Int
        var step: Int
        var ladderID: Int?
        var reason: DueReason
    }

    var id: Int
    var worker: String
    var takenAt: Time
    var items: [Item]
}

extension LeaseRow.Item {
    init(_ job: TakenJob, reason: DueReason) {
        self.init(
            jobID: job.id, generation: job.generation, step: job.step, ladderID: job.ladderID, reason: reason)
    }

    var attempt: AttemptKey { AttemptKey(jobID: jobID, generation: generation) }
}

/// A row of `senders`.
struct SenderRow: Sendable {
    var id: Int
    var channel: Channel
    var address: String
    var rate: Double?
    var pausedUntil: Time?
    var isEnabled = true
    /// The jobs that met a refusal of it since something of it last got through.
    var refusedJobs: Set<Int> = []
    /// Whom it serves; nil is every tenant without a sender of its own.
    var tenant: String?
}

/// A row of `lanes`.
struct LaneRow: Sendable {
    var id: Int
    var purpose: LaneState.Purpose
    var priority: Int
    var senderID: Int?
    var campaignID: Int?
}

/// The key of a row of `dead_addresses`.
struct DeadKey: Sendable, Hashable {
    var address: String
    var channel: Channel
}

/// The key of a row of `number_lookups`.
struct LookupKey: Sendable, Hashable {
    var address: String
    var package: LookupPackage
}

/// A row of `number_lookups`.
struct LookupRow: Sendable {
    var answer: NumberLookup.Answer
    var goodUntil: Instant
}

/// The key of a row of `suppressions`, but for its reason.
struct SuppressionKey: Sendable, Hashable, CustomStringConvertible {
    var address: String
    var channel: Channel
    /// Empty is every tenant.
    var tenant = ""
    /// Nil is every category.
    var category: Delivery.Category?

    /// Those that stop a message: each of them is enough.
    static func binding(
        _ address: String, on channel: Channel, tenant: String, category: Delivery.Category
    ) -> [SuppressionKey] {
        ["", tenant].flatMap { tenant in
            [nil, category].map {
                SuppressionKey(address: address, channel: channel, tenant: tenant, category: $0)
            }
        }
    }

    var description: String {
        "\(address) \(channel.rawValue)" + (tenant.isEmpty ? "" : " of \(tenant)")
            + (category.map { " for \($0.rawValue)" } ?? "")
    }
}

/// A person as one tenant knows them, or as all do.
struct SpeakerKey: Sendable, Hashable {
    var address: String
    var tenant: String
}

struct WindowKey: Sendable, Hashable {
    var senderID: Int
    var slot: Int
}

/// The key of `campaign_rate_windows`.
struct ShareKey: Sendable, Hashable {
    var campaignID: Int
    var slot: Int
    var share: Int
}

/// The key of `whatsapp_windows`.
struct ConversationKey: Sendable, Hashable {
    var address: String
    var sender: String
}

/// The primary key of `open_sends`.
struct OpenKey: Sendable, Hashable {
    var likeness: Int
    var key: Int

    init(_ message: SendKey) {
        (likeness, key) = (message.likeness, message.value)
    }

    /// That of an attempt for which nobody waits.
    init(_ message: SendKey, of attempt: AttemptKey) {
        (likeness, key) = (message.likeness, ~(attempt.jobID << 16 | attempt.generation))
    }
}

/// A row of `open_sends`.
struct OpenRow: Sendable {
    var message: SendKey
    var jobID: Int
    var generation: Int
    var since: Time

    var attempt: AttemptKey { AttemptKey(jobID: jobID, generation: generation) }
}

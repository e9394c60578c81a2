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
    var runAt: Time?
    var expiresAt: Time?
    /// The addresses suppressed when it was inserted. Only a planted bug reads it.
    var suppressedAtInsert: Set<SuppressionKey> = []

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

/// A row of `due`.
struct DueRow: Sendable, CustomStringConvertible {
    var row = 0
    var at: Time
    var jobID: Int
    var lane: Int
    var reason: WakeReason
    var step: Int
    var generation: Int
    var ladderID: Int?
    var cost = 1

    var key: DueKey { DueKey(atMicroseconds: Int(at.instant.microseconds), jobID: jobID) }
    var description: String {
        "\(reason.rawValue) job \(jobID).\(generation) step \(step) at \(at / 1000) ms, lane \(lane)"
            + (cost > 1 ? ", cost \(cost)" : "")
    }
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

    var attempt: Database.FactAddress { .init(jobID: jobID, generation: generation) }

    /// When it happened, in the time of the run.
    var time: Time { Time(at) }
}

/// A row of `leases`.
struct LeaseRow: Sendable {
    var id: Int
    var worker: String
    var claimedAt: Time
    var wakes: [DueRow]
}

/// A row of `senders`.
struct SenderRow: Sendable {
    var id: Int
    var channel: Channel
    var address: String
    var rate: Double?
    var pausedUntil: Time?
}

struct SuppressionKey: Sendable, Hashable {
    var address: String
    var channel: Channel
}

struct WindowKey: Sendable, Hashable {
    var senderID: Int
    var slot: Int
}

/// The key of `whatsapp_windows`.
struct ConversationKey: Sendable, Hashable {
    var address: String
    var sender: String
}

struct OpenRow: Sendable {
    var jobID: Int
    var generation: Int
    var since: Time
}

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

/// A row of `events`.
struct EventRecord: Sendable, CustomStringConvertible {
    var jobID: Int
    var generation: Int
    var kind: String
    var status: String
    var at: Time
    var step: Int?
    var ladderID: Int?
    var channel: Channel?
    var senderID: Int?
    var code: String?
    var failure: FailureClass?
    var level: SuccessLevel?
    var providerID: String?
    var worker: String?
    var token: String?
    var retryAfter: Int?
    var reason: String?
    /// Of a decision: the step that follows.
    var nextStep: Int?
    /// Of an intent: where to, and what it cost of the sender's rate. Not columns, but what checkers want to know.
    var address: String?
    var cost = 0

    var key: EventKey { EventKey(jobID: jobID, generation: generation, kind: kind, status: status) }

    /// As a claim's `history` column has it.
    var row: EventRow {
        EventRow(
            generation: generation, kind: kind, status: status, at: at.instant.microseconds, step: step, code: code,
            failure: failure?.rawValue, level: level?.rawValue, providerID: providerID, token: token,
            retryAfter: retryAfter)
    }

    var description: String {
        "job \(jobID).\(generation) \(kind)/\(status)"
            + [
                step.map { "step \($0)" }, channel?.rawValue, code, failure.map { "class \($0.rawValue)" },
                level.map { "level \($0.rawValue)" }, providerID, reason, cost > 1 ? "cost \(cost)" : nil,
            ].compactMap { $0.map { " " + $0 } }.joined()
    }
}

/// The primary key of `events`: the fence.
struct EventKey: Sendable, Hashable {
    var jobID: Int
    var generation: Int
    var kind: String
    var status: String
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

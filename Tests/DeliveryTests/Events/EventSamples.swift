import Delivery

extension JobEvent {
    /// Every event there can be, but for texts and times.
    static let samples: [JobEvent] =
        [
            .intent(token: nil), .intent(token: "t"), .deferred(number: 2, nil, until: nil), .waitsForOpenSend, .held(),
            .held(reason: "r"),
            .ended(nil), .unrecognised(EventColumns(kind: "acknowledged", status: "by ann", code: "1")),
        ] + answers.map(JobEvent.answered) + receipts.map(JobEvent.receipt)
        + reconciliations.map(JobEvent.reconciled)
        + [nil, "r"].flatMap { reason in
            [true, false].map { JobEvent.released(asSent: $0, reason: reason) }
                + Continuation.allCases.map { JobEvent.decided($0, step: 2, reason: reason) }
                + Outcome.allCases.map { JobEvent.ended($0, reason: reason) }
        }
        + [.deferred(number: 1, .quietHours, until: Instant(microseconds: 77), detail: "quiet hours us-federal")]
        + DeferReason.allCases.map { .deferred(number: 1, $0, until: Instant(microseconds: 77)) }

    private static let answers: [Answer] =
        [
            .accepted(providerID: nil), .accepted(providerID: "SM1", note: "queued"), .notSent(reason: nil),
            .notSent(reason: "r", isRateLimited: true, retryAfter: .seconds(5)), .unknown(reason: "r"),
            .lost(reason: "r"), .skipped(nil),
        ] + FailureClass.allCases.map { .refused(code: "1", $0, reason: "HTTP 400", retryAfter: .seconds(9)) }
        + SkipReason.allCases.map { .skipped($0, detail: "d") }

    private static let receipts: [Receipt] =
        [Receipt(status: "queued", .progress, providerID: "SM1")]
        + SuccessLevel.allCases.map { Receipt(status: $0.rawValue, .reached($0), reason: "asked the provider") }
        + FailureClass.allCases.map { Receipt(status: "failed 1", .failed($0), code: "1", retryAfter: .seconds(4)) }

    private static let reconciliations: [Reconciliation] =
        [
            .listing(1), .listing(2, reason: "r"), .unavailable(3, reason: "r"), .unread(4, reason: "r"),
            .resolved(nil),
            .lateDelivery(after: .escalate, providerID: "SM1", reason: "r"), .lateDelivery(after: nil),
            .duplicate(of: .resend, providerID: "SM1", reason: "r"), .duplicate(of: nil),
        ] + Resolution.allCases.map { .resolved($0, providerID: "SM1") }
        + EndStage.allCases.flatMap { stage in
            [.ending(stage, nil)] + EndReason.allCases.map { .ending(stage, $0, reason: "r") }
        }

    static let sampleCount = 23

    /// Its case. A case that is added gets the next number here, and `sampleCount` is one more.
    var sampleNumber: Int {
        switch self {
        case .intent: 0
        case .answered(.accepted): 1
        case .answered(.refused): 2
        case .answered(.notSent): 3
        case .answered(.unknown): 4
        case .answered(.lost): 5
        case .answered(.skipped): 6
        case .receipt(let receipt):
            switch receipt.finding {
            case .progress: 7
            case .reached: 8
            case .failed: 9
            }
        case .decided: 10
        case .deferred: 11
        case .held: 12
        case .released: 13
        case .reconciled(.listing): 14
        case .reconciled(.unavailable): 15
        case .reconciled(.unread): 16
        case .reconciled(.resolved): 17
        case .reconciled(.lateDelivery): 18
        case .reconciled(.duplicate): 19
        case .ended: 20
        case .unrecognised: 21
        case .reconciled(.ending): 22
        }
    }
}

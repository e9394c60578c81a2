/// The columns of a row of `events` that say what happened. Only this file knows their words.
public struct EventColumns: Sendable, Hashable {
    public var kind: String
    public var status: String
    public var code: String?
    /// The column `class`.
    public var failure: String?
    public var level: String?
    public var providerID: String?
    public var token: String?
    public var reason: String?
    /// The numbers of the column `detail`.
    public var detail: [String: Int]

    public init(
        kind: String, status: String, code: String? = nil, failure: String? = nil, level: String? = nil,
        providerID: String? = nil, token: String? = nil, reason: String? = nil, detail: [String: Int] = [:]
    ) {
        self.kind = kind
        self.status = status
        self.code = code
        self.failure = failure
        self.level = level
        self.providerID = providerID
        self.token = token
        self.reason = reason
        self.detail = detail
    }

    /// The detail of a row of which only the provider's wait was read.
    public static func detail(retryAfterSeconds: Int?) -> [String: Int] {
        retryAfterSeconds.map { [Detail.retryAfter: $0] } ?? [:]
    }

    fileprivate enum Detail {
        static let retryAfter = "retry_after"
        static let nextStep = "next_step"
        static let until = "until"
    }

    fileprivate var retryAfter: Duration? { detail[Detail.retryAfter].map { .seconds($0) } }
    fileprivate var failureClass: FailureClass? { failure.flatMap(FailureClass.init) }
}

extension JobEvent {
    /// The column `kind`.
    public enum Kind: String, Sendable, CaseIterable {
        case intent, answer, receipt, next, deferred, held, released, reconciled, outcome

        fileprivate func words(_ status: String) -> (kind: String, status: String) { (rawValue, status) }
    }

    /// The columns of the primary key.
    var words: (kind: String, status: String) {
        switch self {
        case .intent: Kind.intent.words("taken")
        case .answered(let answer): Kind.answer.words(answer.word.rawValue)
        case .receipt(let receipt): Kind.receipt.words(receipt.status)
        case .decided: Kind.next.words("decided")
        case .deferred(let number, _, _, _): Kind.deferred.words(String(number))
        case .held: Kind.held.words("held")
        case .released(let asSent, _): Kind.released.words(asSent ? "sent" : "not_sent")
        case .reconciled(let finding): Kind.reconciled.words(finding.status)
        case .ended: Kind.outcome.words("ended")
        case .unrecognised(let columns): (columns.kind, columns.status)
        }
    }

    // MARK: Writing

    public var columns: EventColumns {
        if case .unrecognised(let columns) = self { return columns }
        let (kind, status) = words
        var columns = EventColumns(kind: kind, status: status)
        columns.providerID = providerID
        if let wait = retryAfter { columns.detail[EventColumns.Detail.retryAfter] = Int(wait.components.seconds) }
        switch self {
        case .intent(let token): columns.token = token
        case .answered(let answer): answer.write(to: &columns)
        case .receipt(let receipt): receipt.write(to: &columns)
        case .decided(let next, let step, let reason):
            (columns.code, columns.reason) = (next?.rawValue, reason)
            columns.detail[EventColumns.Detail.nextStep] = step
        case .deferred(_, let rule, let until, let detail):
            (columns.code, columns.reason) = (rule?.rawValue, detail ?? rule?.words)
            columns.detail[EventColumns.Detail.until] = (until?.microseconds).map { Int($0) }
        case .held(let reason), .released(_, let reason): columns.reason = reason
        case .reconciled(let finding): finding.write(to: &columns)
        case .ended(let outcome, let reason): (columns.code, columns.reason) = (outcome?.rawValue, reason)
        case .unrecognised: break
        }
        return columns
    }

    // MARK: Reading

    public init(_ columns: EventColumns) {
        self = Self.read(columns) ?? .unrecognised(columns)
    }

    private static func read(_ columns: EventColumns) -> JobEvent? {
        guard let kind = Kind(rawValue: columns.kind) else { return nil }
        let reason = columns.reason
        switch (kind, columns.status) {
        case (.intent, "taken"): return .intent(token: columns.token)
        case (.answer, _): return Answer(columns).map(JobEvent.answered)
        case (.receipt, _): return .receipt(Receipt(columns))
        case (.next, "decided"):
            let step = columns.detail[EventColumns.Detail.nextStep]
            return .decided(columns.code.flatMap(Continuation.init), step: step, reason: reason)
        case (.deferred, let status):
            guard let number = Int(status), number >= 0 else { return nil }
            let until = columns.detail[EventColumns.Detail.until].map { Instant(microseconds: Int64($0)) }
            let rule = columns.code.flatMap(DeferReason.init)
            return .deferred(number: number, rule, until: until, detail: reason == rule?.words ? nil : reason)
        case (.held, "held"): return .held(reason: reason)
        case (.released, "sent"): return .released(asSent: true, reason: reason)
        case (.released, "not_sent"): return .released(asSent: false, reason: reason)
        case (.reconciled, _): return Reconciliation(columns).map(JobEvent.reconciled)
        case (.outcome, "ended"): return .ended(columns.code.flatMap(Outcome.init), reason: reason)
        case (.intent, _), (.next, _), (.held, _), (.released, _), (.outcome, _): return nil
        }
    }
}

extension JobEvent.Answer {
    /// The status of an answer.
    public enum Word: String, Sendable, CaseIterable {
        case accepted, refused
        case notSent = "not_sent"
        case unknown, lost, skipped
    }

    public var word: Word {
        switch self {
        case .accepted: .accepted
        case .refused: .refused
        case .notSent: .notSent
        case .unknown: .unknown
        case .lost: .lost
        case .skipped: .skipped
        }
    }

    fileprivate func write(to columns: inout EventColumns) {
        switch self {
        case .accepted(_, let note): columns.reason = note
        case .refused(let code, let failure, let reason, _):
            (columns.code, columns.failure, columns.reason) = (code, failure.rawValue, reason)
        case .notSent(let reason, let isRateLimited, _):
            (columns.failure, columns.reason) = (isRateLimited ? FailureClass.rateLimited.rawValue : nil, reason)
        case .unknown(let reason), .lost(let reason): columns.reason = reason
        case .skipped(let skipped, let detail): (columns.code, columns.reason) = (skipped?.rawValue, detail)
        }
    }

    /// A class that this release does not know counts as unknown.
    fileprivate init?(_ columns: EventColumns) {
        let reason = columns.reason
        switch Word(rawValue: columns.status) {
        case .accepted: self = .accepted(providerID: columns.providerID, note: reason)
        case .refused:
            self = .refused(
                code: columns.code, columns.failureClass ?? .unknown, reason: reason, retryAfter: columns.retryAfter)
        case .notSent:
            self = .notSent(
                reason: reason, isRateLimited: columns.failureClass == .rateLimited, retryAfter: columns.retryAfter)
        case .unknown: self = .unknown(reason: reason)
        case .lost: self = .lost(reason: reason)
        case .skipped: self = .skipped(columns.code.flatMap(SkipReason.init), detail: reason)
        case nil: return nil
        }
    }
}

extension JobEvent.Receipt {
    fileprivate func write(to columns: inout EventColumns) {
        (columns.code, columns.reason) = (code, reason)
        switch finding {
        case .progress: break
        case .reached(let level): columns.level = level.rawValue
        case .failed(let failure): columns.failure = failure.rawValue
        }
    }

    /// A class that this release does not know counts as unknown, a level that it does not know as progress.
    fileprivate init(_ columns: EventColumns) {
        let level = columns.level.flatMap(SuccessLevel.init)
        let finding: Finding =
            columns.failure != nil ? .failed(columns.failureClass ?? .unknown) : level.map(Finding.reached) ?? .progress
        self.init(
            status: columns.status, finding, code: columns.code, providerID: columns.providerID,
            retryAfter: columns.retryAfter, reason: columns.reason)
    }
}

extension JobEvent.Reconciliation {
    private enum Word: String {
        case listing, unavailable, unread, resolved
        case lateDelivery = "late delivery"
        case duplicate
    }

    fileprivate var status: String {
        switch self {
        case .listing(let number, _): "\(Word.listing.rawValue) \(number)"
        case .unavailable(let number, _): "\(Word.unavailable.rawValue) \(number)"
        case .unread(let number, _): "\(Word.unread.rawValue) \(number)"
        case .resolved: Word.resolved.rawValue
        case .lateDelivery: Word.lateDelivery.rawValue
        case .duplicate: Word.duplicate.rawValue
        case .ending(let stage, _, _): stage.rawValue
        }
    }

    fileprivate func write(to columns: inout EventColumns) {
        switch self {
        case .listing(_, let reason), .unavailable(_, let reason), .unread(_, let reason): columns.reason = reason
        case .resolved(let way, _): columns.code = way?.rawValue
        case .lateDelivery(let next, _, let reason), .duplicate(let next, _, let reason):
            (columns.code, columns.reason) = (next?.rawValue, reason)
        case .ending(_, let end, let reason): (columns.code, columns.reason) = (end?.rawValue, reason)
        }
    }

    fileprivate init?(_ columns: EventColumns) {
        if let stage = JobEvent.EndStage(rawValue: columns.status) {
            self = .ending(stage, columns.code.flatMap(EndReason.init), reason: columns.reason)
            return
        }
        let (id, reason) = (columns.providerID, columns.reason)
        let next = columns.code.flatMap(JobEvent.Continuation.init)
        switch Word(rawValue: columns.status) {
        case .resolved: self = .resolved(columns.code.flatMap(JobEvent.Resolution.init), providerID: id)
        case .lateDelivery: self = .lateDelivery(after: next, providerID: id, reason: reason)
        case .duplicate: self = .duplicate(of: next, providerID: id, reason: reason)
        case .listing, .unavailable, .unread: return nil
        case nil:
            let parts = columns.status.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int(parts[1]), (1...9_999).contains(number) else { return nil }
            switch Word(rawValue: String(parts[0])) {
            case .listing: self = .listing(number, reason: reason)
            case .unavailable: self = .unavailable(number, reason: reason)
            case .unread: self = .unread(number, reason: reason)
            case .resolved, .lateDelivery, .duplicate, nil: return nil
            }
        }
    }
}

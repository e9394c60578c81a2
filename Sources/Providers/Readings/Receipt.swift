public import Delivery

/// One thing a provider told us about a message it took. A callback, an event and a poll tell it in the same words, so
/// that the same news on two ways counts once.
public struct Receipt: Sendable, Hashable {
    /// The key of the receipt among those of its attempt: the level's own word for a level that was reached (`delivered`,
    /// `answered`). Else it is the provider's word, with the code of a failure behind it (`queued`, `undelivered 30003`).
    /// At most 64 characters of `a–z`, `0–9`, `-`, `_`, `.` and space.
    public var status: String
    public var fact: ReceiptFact
    /// The provider's code of a failure.
    public var code: String?
    /// Where to look `code` up.
    public var codeTable: CodeTable
    /// The class of a failure, where it is known without the table of error codes.
    public var failureClass: FailureClass?
    /// The class to assume when the table does not know `code`.
    public var defaultClass: FailureClass
    /// The provider's id of the message; nil when the receipt names none (SendGrid's late bounces).
    public var providerID: String?
    /// Why no more mail shall go to the address, if so.
    public var suppression: SuppressionReason?

    public init(
        status: String, fact: ReceiptFact, code: String? = nil, codeTable: CodeTable,
        failureClass: FailureClass? = nil, defaultClass: FailureClass, providerID: String? = nil,
        suppression: SuppressionReason? = nil
    ) {
        self.status = status
        self.fact = fact
        self.code = code
        self.codeTable = codeTable
        self.failureClass = failureClass
        self.defaultClass = defaultClass
        self.providerID = providerID
        self.suppression = suppression
    }

    /// The provider has it and is at it.
    static func progress(_ word: String, codeTable: CodeTable, providerID: String?) -> Receipt {
        Receipt(
            status: StatusWord.clean(word), fact: .progress, codeTable: codeTable, defaultClass: .unknown,
            providerID: providerID)
    }

    static func reached(_ level: SuccessLevel, codeTable: CodeTable, providerID: String?) -> Receipt {
        Receipt(
            status: level.rawValue, fact: .reached(level), codeTable: codeTable, defaultClass: .unknown,
            providerID: providerID)
    }

    /// - Parameters:
    ///   - detail: what stands behind the word in the key; the code when nil.
    ///   - known: the class, where no table has a say.
    ///   - assumed: the class when the table has none; nil for the general rule.
    static func failed(
        _ word: String, code: String?, detail: String? = nil, known: FailureClass? = nil, assumed: FailureClass? = nil,
        codeTable: CodeTable, providerID: String?
    ) -> Receipt {
        let detail = (detail ?? code ?? "").prefix(40)
        let word = StatusWord.clean(word).prefix(23)
        return Receipt(
            status: detail.isEmpty ? String(word) : "\(word) \(detail)", fact: .failed, code: code,
            codeTable: codeTable,
            failureClass: known,
            defaultClass: known ?? assumed
                ?? FailureClass.default(provider: codeTable.rawValue, code: code, origin: .receipt),
            providerID: providerID)
    }

    /// Whether it can change what the ladder does: a failure, or word from the handset, the mailbox or the person.
    public var needsDecision: Bool {
        switch fact {
        case .progress: false
        case .reached(let level): level >= .voicemail
        case .failed: true
        }
    }

    /// The event that keeps it, with what the table of error codes says of `code`.
    ///
    /// - Parameter reason: how it was learnt, where that was not a callback.
    public func event(tableClass: FailureClass?, retryAfter: Duration?, reason: String? = nil) -> JobEvent.Receipt {
        let finding: JobEvent.Receipt.Finding =
            switch fact {
            case .progress: .progress
            case .reached(let level): .reached(level)
            case .failed: .failed(failureClass ?? tableClass ?? defaultClass)
            }
        return JobEvent.Receipt(
            status: status, finding, code: code, providerID: providerID, retryAfter: fact == .failed ? retryAfter : nil,
            reason: reason)
    }
}

/// What a receipt says of the message.
public enum ReceiptFact: Sendable, Hashable {
    /// The provider has it and is at it; nothing to decide.
    case progress
    case reached(SuccessLevel)
    case failed
}

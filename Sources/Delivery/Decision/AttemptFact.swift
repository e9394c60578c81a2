/// One thing known about one attempt: the reply to our request, a receipt, or a finding.
public enum AttemptFact: Sendable, Hashable {
    /// The provider took it and gave an id.
    case accepted
    /// The provider answered with an error that says it took nothing.
    case refused(FailureClass)
    /// Provably nothing left, or the provider says it processed nothing (HTTP 429).
    case notSent
    /// It may or may not have been taken: bytes went out and no readable answer came.
    case unknown
    /// The worker died between taking the intent and recording an answer.
    case lost
    /// Nothing was tried, for this reason.
    case skipped(SkipReason)
    /// A receipt that says how far the message got.
    case reached(SuccessLevel)
    /// A receipt that says it will not get there.
    case failed(FailureClass)
    /// A person decided that a held attempt had been sent, or had not.
    case ruled(sent: Bool)

    /// Every fact there can be: what the table tests run over.
    public static let all: [AttemptFact] =
        [.accepted, .notSent, .unknown, .lost, .ruled(sent: true), .ruled(sent: false)]
        + FailureClass.allCases.flatMap { [.refused($0), .failed($0)] }
        + SkipReason.allCases.map(AttemptFact.skipped)
        + SuccessLevel.allCases.map(AttemptFact.reached)
}

/// Why a job is looked at.
public enum WakeReason: String, Sendable, CaseIterable, Codable {
    /// An attempt may begin.
    case dispatch
    /// The same, after a rule said "not now".
    case resume
    /// New facts about an attempt: a reply, a receipt, a person's ruling.
    case decide
    /// The wait for a receipt is over, and the provider was asked once.
    case receipt
    /// It is not known whether an attempt was taken: the provider's messages were listed.
    case reconcile
}

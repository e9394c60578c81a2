import Delivery

/// What a provider does with one request.
enum Fate: Sendable {
    case accept
    case refuse(code: String, status: Int)
    case tooMany(retryAfter: Int?)
    /// Answered with a 5xx.
    case broken(isAccepted: Bool)
    /// 201, and nobody can read the rest.
    case garbage
    /// The connection breaks after the body was read.
    case reset(isAccepted: Bool)
    /// No answer until the client gives up.
    case hang(isAccepted: Bool)
    /// No connection at all.
    case unreachable

    var isAccepted: Bool {
        switch self {
        case .accept, .garbage: true
        case .broken(let isAccepted), .reset(let isAccepted), .hang(let isAccepted): isAccepted
        case .refuse, .tooMany, .unreachable: false
        }
    }
}

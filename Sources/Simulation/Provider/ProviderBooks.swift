import Delivery

/// The providers' own books: what they took, and what became of it.
struct ProviderBooks: Sendable {
    struct Message: Sendable {
        var id: String
        var wire: Wire
        var createdAt: Time
        /// From when a listing shows it.
        var listedAt: Time
        /// What a poll answers now.
        var status: ProviderStatus
        var isOver = false
    }

    var messages: [Message] = []
    /// People who wrote STOP to a number of ours: it refuses texts from that number to them with 21610.
    var blocked: Set<ConversationKey> = []
    private var count = 0

    mutating func newID(_ channel: Channel) -> String {
        count += 1
        switch channel {
        case .voice: return "CA\(count)"
        case .email: return "mail\(count)"
        case .sms, .whatsapp: return "SM\(count)"
        }
    }

    func index(of id: String) -> Int? { messages.firstIndex { $0.id == id } }
}

/// One request to a provider, as the network carries it.
struct Wire: Sendable, CustomStringConvertible {
    var jobID: Int
    var generation: Int
    var channel: Channel
    var to: String
    var from: String
    var text: String
    /// Whether it is text of our own and not a template the provider approved.
    var isFreeForm: Bool
    var token: String
    var process: Int

    var attempt: AttemptKey { .init(jobID: jobID, generation: generation) }

    var description: String { "job \(jobID).\(generation) \(channel.rawValue) to \(to) by process \(process)" }
}

/// What a provider does with one request.
enum RequestFate: Sendable {
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

import Delivery

/// The providers' own books: what they took, and what became of it.
struct Provider: Sendable {
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
    /// Numbers whose owner told the provider to stop: it refuses texts to them with 21610.
    var blocked: Set<String> = []
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

import Delivery

/// What becomes of a message in a rehearsal, in words that fit every channel.
enum RehearsalFate: String, CaseIterable, Sendable {
    case delivered
    case unreachable
    case filtered
    case silent
    case invalid

    /// The sandbox's name for it.
    func name(on channel: Channel) -> String {
        switch (self, channel) {
        case (.delivered, .sms), (.delivered, .email): "delivered"
        case (.delivered, .voice): "answered"
        case (.delivered, .whatsapp): "read"
        case (.unreachable, .sms): "unreachable"
        case (.unreachable, .voice): "no_answer"
        case (.unreachable, .whatsapp): "not_user"
        case (.unreachable, .email): "bounce"
        case (.filtered, .sms): "filtered"
        case (.filtered, .voice): "failed"
        case (.filtered, .whatsapp): "rate_limited"
        case (.filtered, .email): "blocked"
        case (.silent, _): "silent"
        case (.invalid, .email): "dropped"
        case (.invalid, _): "invalid"
        }
    }
}

/// How many of a hundred people have which fate. Each channel of a person draws its own.
struct FateShares: Sendable {
    private let shares: [(fate: RehearsalFate, share: Double)]

    static let usual: [RehearsalFate: Double] = [
        .delivered: 92, .unreachable: 5, .filtered: 1, .silent: 1, .invalid: 1,
    ]

    /// - Parameter given: those not given are 0; where none is, the usual mix.
    init(_ given: [RehearsalFate: Double]) {
        let mix = given.values.contains { $0 > 0 } ? given : Self.usual
        shares = RehearsalFate.allCases.map { ($0, mix[$0] ?? 0) }
    }

    var hasSilent: Bool { shares.contains { $0.fate == .silent && $0.share > 0 } }

    /// Such as `delivered 92 %, unreachable 5 %`.
    var text: String {
        let all = shares.map(\.share).reduce(0, +)
        return shares.filter { $0.share > 0 }.map { "\($0.fate.rawValue) \(Bar.percent($0.share / all))" }
            .joined(separator: ", ")
    }

    /// The same seed and person always draw the same.
    func draw(seed: UInt64, serial: Int, channel: Channel) -> RehearsalFate {
        let all = shares.map(\.share).reduce(0, +)
        let draw = Double(StableHash.of("\(serial)/\(channel.rawValue)", seed: seed) >> 11) / 0x1p53 * all
        var sum = 0.0
        for (fate, share) in shares {
            sum += share
            if draw < sum { return fate }
        }
        return shares.last { $0.share > 0 }?.fate ?? .delivered
    }
}

/// A hash that is the same in every run, which Swift's own is not.
enum StableHash {
    static func of(_ text: String, seed: UInt64) -> UInt64 {
        // FNV-1a, then SplitMix64's finish, so that near texts fall far apart.
        var hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}

/// What happens to a text message.
enum SMSFate: String, Sendable, CaseIterable, Codable {
    case delivered
    case unreachable
    case landline
    case silent
    case filtered
    case invalid
    case optedOut = "opted_out"
    case throttled
    case slow
    case outcomeUnknown = "outcome_unknown"
}

/// What happens to a phone call.
enum VoiceFate: String, Sendable, CaseIterable, Codable {
    case answered
    case busy
    case noAnswer = "no_answer"
    case failed
    case machine
    case invalid
    case pressesOne = "presses_one"
    case throttled
    case silent
    case outcomeUnknown = "outcome_unknown"
}

/// What happens to a WhatsApp message.
enum WhatsAppFate: String, Sendable, CaseIterable, Codable {
    case read
    case windowClosed = "window_closed"
    case notUser = "not_user"
    case rateLimited = "rate_limited"
    case silent
    case invalid
    case optedOut = "opted_out"
    case throttled
    case slow
    case outcomeUnknown = "outcome_unknown"
}

/// What a person writes back once a text or WhatsApp message has reached them.
enum Reply: String, Sendable, CaseIterable, Codable {
    case none
    case yes
    case stop
}

/// What Lookup tells of a number, beside whether it is a landline.
enum LineFate: String, Sendable, CaseIterable, Codable {
    case ordinary
    case voip
    case risky
}

/// The fates and the reply that one telephone number stands for.
///
/// `+1 500 S V W nnnn`: the digit S is the fate of a text message, V of a call, W of a WhatsApp message, each the position in
/// its enumeration's `allCases`. A serial `nnnn` of 98xx answers STOP and one of 97xx answers YES; one of 96xx is a VoIP line
/// to Lookup, one of 95xx a risk. Every other number is reachable on all channels, and the provider's own
/// `+1 500 555 0xxx` test numbers keep their official meaning.
struct PhoneFates: Sendable, Equatable {
    var sms = SMSFate.delivered
    var voice = VoiceFate.answered
    var whatsApp = WhatsAppFate.read
    var reply = Reply.none
    var line = LineFate.ordinary

    init(
        sms: SMSFate = .delivered, voice: VoiceFate = .answered, whatsApp: WhatsAppFate = .read, reply: Reply = .none,
        line: LineFate = .ordinary
    ) {
        (self.sms, self.voice, self.whatsApp, self.reply, self.line) = (sms, voice, whatsApp, reply, line)
    }

    /// The fates `number` (E.164) encodes.
    init(number: String) {
        let digits = number.utf8.map { Int($0) - 0x30 }
        guard number.hasPrefix("+1500"), digits.count == 12, !PhoneFates.isOfficial(number) else { return }
        guard digits.dropFirst().allSatisfy((0...9).contains) else { return }
        sms = SMSFate.allCases[digits[5]]
        voice = VoiceFate.allCases[digits[6]]
        whatsApp = WhatsAppFate.allCases[digits[7]]
        switch digits[8] * 10 + digits[9] {
        case 98: reply = .stop
        case 97: reply = .yes
        case 96: line = .voip
        case 95: line = .risky
        default: break
        }
    }

    /// Whether `number` is in the provider's own block of test numbers.
    static func isOfficial(_ number: String) -> Bool { number.hasPrefix("+15005550") }
}

/// What happens to an e-mail. The tag is the local part up to its first `+`, `-`, `.` or digit: `bounce+17@example.com` bounces.
enum EmailFate: String, Sendable, CaseIterable, Codable {
    case delivered
    case open
    case click
    case bounce
    case blocked
    case dropped
    case spam
    case unsubscribe
    case deferred
    case silent
    case throttled
    case slow
    case outcomeUnknown = "unknown"

    /// The fate the local part of `address` names; `delivered` when it names none.
    init(address: String) {
        let local = address.prefix { $0 != "@" }.lowercased()
        self = EmailFate(rawValue: String(local.prefix { $0.isLetter })) ?? .delivered
    }
}

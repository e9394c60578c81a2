/// What a provider's listing would tell a message by, as numbers.
///
/// A listing shows the text of an SMS, and is read by its letters and digits, as a provider may replace the rest. Keeping
/// fewer of them makes two different texts wait for each other, but never lets two pass that look alike. Two templates may
/// say the same; their data say what differs. Calls, mails and WhatsApp messages go by address only.
public struct SendKey: Sendable, Hashable {
    /// Two messages with the same value wait for each other. Tenant and category are part of it, so that nobody waits for a
    /// message of another tenant, nor a one-time password for an offer.
    public let value: Int
    /// Two messages with the same likeness may be one entry of a listing. Everything is left out that a listing may not
    /// show: tenant, category, and the text.
    public let likeness: Int
    /// What the message says, where a listing that shows texts tells it by that: an SMS of the job's own words. Nil for
    /// everything else: two templates may say the same. Of 32 bits: two texts that share them by chance count as alike.
    public let content: Int?

    /// - Parameters:
    ///   - text: the text, or the data of a template as JSON; only an SMS is told by it.
    ///   - isTemplate: whether `text` is such data.
    public init(
        tenant: String, category: Category, channel: Channel, address: String, text: String, isTemplate: Bool = false
    ) {
        var hash = FNV1a(lines: [tenant, category.rawValue, channel.rawValue, address])
        if channel == .sms { hash.add(lettersAndDigitsOf: text) }
        value = Int(truncatingIfNeeded: hash.value)
        likeness = Int(truncatingIfNeeded: FNV1a(lines: [channel.rawValue, address]).value)
        var words = FNV1a(lines: [])
        words.add(lettersAndDigitsOf: text)
        content = channel == .sms && !isTemplate ? Int(Int32(truncatingIfNeeded: words.value)) : nil
    }
}

/// The hash of Fowler, Noll and Vo in 64 bits (http://www.isthe.com/chongo/tech/comp/fnv): the same in every process.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init(lines: [String]) {
        for line in lines {
            for byte in line.utf8 { add(byte) }
            add(UInt8(ascii: "\n"))
        }
    }

    mutating func add(lettersAndDigitsOf text: String) {
        for byte in text.utf8 where Self.isLetterOrDigit(byte) { add(byte) }
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

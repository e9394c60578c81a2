/// What a provider's listing would tell a message by, as one number: two messages with the same key look alike.
///
/// A listing shows the text of an SMS, and is read by its letters and digits, as a provider may replace the rest. Keeping
/// fewer of them makes two different texts wait for each other, but never lets two pass that look alike. Two templates may
/// say the same; their data say what differs. Calls, mails and WhatsApp templates go by address only.
///
/// Tenant and category are part of it, so that nobody waits for a message of another tenant, nor a one-time password for an
/// offer. Of two such messages that nobody can account for, a listing that shows one is taken by whoever asks first.
public struct SendKey: Sendable, Hashable {
    public let value: Int

    /// - Parameter text: the text, or the data of a template as JSON; only an SMS is told by it.
    public init(tenant: String, category: Category, channel: Channel, address: String, text: String) {
        var hash = FNV1a()
        for part in [tenant, category.rawValue, channel.rawValue] {
            hash.add(part.utf8)
            hash.add(UInt8(ascii: "\n"))
        }
        // Addresses that differ in the case of their letters are one.
        for byte in address.utf8 { hash.add(Self.folded(byte)) }
        hash.add(UInt8(ascii: "\n"))
        if channel == .sms {
            for byte in text.utf8 where Self.isLetterOrDigit(byte) { hash.add(byte) }
        }
        value = Int(truncatingIfNeeded: hash.value)
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
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

/// The hash of Fowler, Noll and Vo in 64 bits (http://www.isthe.com/chongo/tech/comp/fnv): the same in every process.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    mutating func add(_ bytes: String.UTF8View) {
        for byte in bytes { add(byte) }
    }
}

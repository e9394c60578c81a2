/// How many segments a text makes as an SMS. Senders are rated and billed by segments, not by messages.
///
/// Twilio's `num_segments` is authoritative; this is what its calculator would say before the send
/// (github.com/TwilioDevEd/message-segment-calculator). A character is never split over two segments, so a segment
/// may end with unused units.
public struct SMSSegments: Sendable, Hashable {
    public let encoding: SMSEncoding
    /// Septets or UTF-16 units of the text, without the padding at segment boundaries.
    public let units: Int
    /// Segments, at least 1 (an empty text makes one).
    public let count: Int
    /// Characters as Twilio's body limit counts them: Unicode scalars.
    public let characters: Int
    /// The first character that forces UCS-2; nil for GSM-7.
    public let unusual: String?

    /// The longest body the Messages API takes, in characters of either encoding (error 21617 above it).
    public static let maximumCharacters = 1_600

    /// Whether the Messages API would refuse the text as too long.
    public var isTooLong: Bool { characters > Self.maximumCharacters }

    public init(_ text: String) {
        unusual = SMSEncoding.firstUnusual(in: text)
        let encoding = unusual == nil ? SMSEncoding.gsm7 : .ucs2
        let sizes = Self.sizes(of: text, in: encoding)
        let units = sizes.reduce(0, +)
        self.encoding = encoding
        self.units = units
        count = units <= encoding.unitsInSingleSegment ? 1 : Self.pack(sizes, into: encoding.unitsInJoinedSegment)
        characters = text.unicodeScalars.count
    }

    /// What a timeline says of a text: segments, encoding, and the character that forces UCS-2. Nil for one segment of
    /// GSM-7, as most are.
    public var remark: String? {
        guard count > 1 || encoding == .ucs2 else { return nil }
        let reason = unusual.map { " because of \(SMSEncoding.name(of: $0))" } ?? ""
        return "\(count == 1 ? "1 segment" : "\(count) segments") of \(encoding.rawValue)\(reason)"
    }

    /// The size of each part that must stay whole: a GSM-7 character, or a grapheme cluster in UCS-2.
    private static func sizes(of text: String, in encoding: SMSEncoding) -> [Int] {
        switch encoding {
        case .gsm7:
            // By scalar: CR LF is the only cluster of two GSM-7 characters, and the calculator splits it.
            text.unicodeScalars.compactMap(SMSEncoding.septets)
        case .ucs2:
            text.flatMap { $0 == "\r\n" ? [1, 1] : [$0.utf16.count] }
        }
    }

    /// Segments needed when each part goes into the last segment if it fits, else into a new one. A cluster longer
    /// than a whole segment (a letter with a hundred accents) starts a segment and runs on.
    private static func pack(_ sizes: [Int], into capacity: Int) -> Int {
        var segments = 1
        var used = 0
        for size in sizes {
            if used + size <= capacity {
                used += size
            } else {
                let further = (size - 1) / capacity
                segments += (used == 0 ? 0 : 1) + further
                used = size - further * capacity
            }
        }
        return segments
    }
}

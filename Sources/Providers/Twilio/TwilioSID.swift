/// The ids of Twilio's resources: two capital letters for the kind, then 32 hexadecimal digits.
enum TwilioSID {
    /// Whether the text may be an id. Looser than the documented pattern, strict enough for a path and a log line.
    static func isPlausible(_ text: String) -> Bool {
        (3...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
    }
}

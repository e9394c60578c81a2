/// Values by the digits with which a phone number begins. The longest prefix of a number counts.
public struct PrefixTable<Value: Sendable>: Sendable {
    /// A prefix as a number: none begins with a zero, so no two are the same.
    private var values: [Int: Value] = [:]
    private var longest = 0

    /// - Parameter pairs: prefixes without a plus, the calling code first. What is no prefix of a number is left out.
    public init(_ pairs: [(prefix: String, value: Value)] = []) {
        for (prefix, value) in pairs {
            guard (1...15).contains(prefix.utf8.count), let key = Int(prefix), key > 0 else { continue }
            values[key] = value
            longest = max(longest, prefix.utf8.count)
        }
    }

    public var isEmpty: Bool { values.isEmpty }

    /// - Parameter number: in E.164, such as `+15005550006`.
    public func longestMatch(of number: String) -> (prefix: Int, value: Value)? {
        var found: (prefix: Int, value: Value)?
        var key = 0
        for (count, byte) in number.utf8.dropFirst().prefix(longest).enumerated() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), count > 0 || byte != UInt8(ascii: "0") else {
                return found
            }
            key = key * 10 + Int(byte - UInt8(ascii: "0"))
            if let value = values[key] { found = (key, value) }
        }
        return found
    }
}

/// Where numbers of a prefix are.
public struct NumberPlace: Sendable, Hashable {
    /// Such as `PL`; nil for numbers of no country.
    public var country: String?
    /// Such as `FL`.
    public var state: String?
    /// Every time zone in which they may be.
    public var zones: [String]

    public init(country: String?, state: String? = nil, zones: [String]) {
        self.country = country
        self.state = state
        self.zones = zones
    }
}

/// Which phone numbers there can be: how many digits a number has, by the digits with which it begins.
///
/// What the plans do not tell apart counts as a number: a message that is lost for an old table is worse than one that is
/// refused by the provider.
public struct NumberPlan: Sendable {
    /// In each the bit n stands for n digits in all.
    private let lengths: PrefixTable<UInt16>
    /// Ranges that operators added: every number that begins so is one.
    private let added: PrefixTable<Bool>

    private init(lengths: PrefixTable<UInt16>, added: PrefixTable<Bool>) {
        (self.lengths, self.added) = (lengths, added)
    }

    /// The plans of all calling codes, as this version knows them.
    public static let shipped = NumberPlan(words: shippedWords)

    /// - Parameter words: plans as `NumberPlanData` has them. What is malformed is left out.
    init(words: String) {
        var pairs: [(prefix: String, value: UInt16)] = []
        var (code, counts) = ("", UInt16(0))
        for word in words.split(whereSeparator: \.isWhitespace) {
            if word.first == "+" {
                code = String(word.dropFirst())
            } else if word.last == ":" {
                counts = Self.bits(word.dropLast(), after: code.count)
            } else {
                pairs += Self.prefixes(word).map { (code + $0, counts) }
            }
        }
        self.init(lengths: PrefixTable(pairs), added: PrefixTable())
    }

    /// `7,9-10` as bits; `none` is none.
    private static func bits(_ word: Substring, after code: Int) -> UInt16 {
        word.split(separator: ",").reduce(into: 0) { bits, part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return }
            for length in first...last where length + code <= 15 { bits |= 1 << UInt16(length + code) }
        }
    }

    /// `94-6` is 94, 95 and 96; `*` is the empty one.
    private static func prefixes(_ word: Substring) -> [String] {
        let ends = word.split(separator: "-")
        guard ends.count == 2, let first = ends[0].last?.wholeNumberValue, let last = ends[1].last?.wholeNumberValue,
            first <= last
        else { return [word == "*" ? "" : String(word)] }
        return (first...last).map { "\(ends[0].dropLast())\($0)" }
    }

    /// The same with ranges that operators added: digits, the calling code first.
    public func adding(_ ranges: [String]) -> NumberPlan {
        NumberPlan(lengths: lengths, added: PrefixTable(ranges.map { ($0, true) }))
    }

    /// Why there can be no such number; nil when there can.
    /// - Parameter number: in E.164, such as `+15005550006`.
    public func doubt(of number: String) -> Doubt? {
        guard added.longestMatch(of: number) == nil else { return nil }
        guard let (prefix, lengths) = lengths.longestMatch(of: number) else {
            return Doubt(prefix: Int(number.dropFirst().prefix(3)) ?? 0, lengths: [])
        }
        let digits = number.utf8.count - 1
        guard digits > 15 || lengths & 1 << UInt16(digits) == 0 else { return nil }
        return doubt(prefix, lengths)
    }

    private func doubt(_ prefix: Int, _ lengths: UInt16) -> Doubt {
        Doubt(prefix: prefix, lengths: (1...15).filter { lengths & 1 << UInt16($0) != 0 })
    }

    /// Why there can be no such number.
    public struct Doubt: Sendable, Hashable {
        /// The digits by which it is told, the calling code first.
        public var prefix: Int
        /// How many digits numbers with this prefix have in all.
        public var lengths: [Int]

        public init(prefix: Int, lengths: [Int]) {
            (self.prefix, self.lengths) = (prefix, lengths)
        }

        /// For whoever reads the job's timeline. It shows no more of the number than its beginning.
        public var words: String {
            guard let most = lengths.last else { return "no number begins with +\(prefix)" }
            let others = lengths.dropLast().map { String($0) }.joined(separator: ", ")
            return "numbers that begin with +\(prefix) have \(others.isEmpty ? "" : "\(others) or ")\(most) digits"
        }
    }
}

/// An e-mail address of the form people use: a dot-atom of at most 64 characters, `@`, a domain name; 254 in all.
///
/// A practical subset of RFC 5321: no quoted local parts, comments, address literals or non-ASCII characters
/// (an internationalised domain comes in its `xn--` form). Two addresses are equal when they differ only in case.
/// The description is redacted; ask for `address` where the address itself is wanted.
public struct EmailAddress: Sendable {
    /// The whole address as it was written. Never log it.
    public let address: String
    /// The address in lower case: the key for comparison, suppression and idempotency. Never log it.
    public let canonical: String

    public init(_ text: String) throws(AddressError) {
        if let rule = Self.brokenRule(Array(text.utf8)) {
            throw AddressError(rule: rule, shape: .emailAddress(text), length: text.count)
        }
        address = text
        canonical = text.lowercased()
    }

    private static func brokenRule(_ text: [UInt8]) -> AddressError.Rule? {
        let parts = text.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .emailHasOneAt }
        guard text.count <= 254 else { return .emailIsNotTooLong }
        return brokenRule(localPart: parts[0]) ?? brokenRule(domain: parts[1])
    }

    private static func brokenRule(localPart: ArraySlice<UInt8>) -> AddressError.Rule? {
        guard !localPart.isEmpty else { return .emailHasLocalPart }
        guard localPart.count <= 64 else { return .emailLocalPartIsNotTooLong }
        let atoms = localPart.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ $0.allSatisfy(isAtomText) }) else { return .emailLocalPartIsPlain }
        guard atoms.allSatisfy({ !$0.isEmpty }) else { return .emailLocalPartHasSingleDots }
        return nil
    }

    private static func brokenRule(domain: ArraySlice<UInt8>) -> AddressError.Rule? {
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last, labels.count >= 2 else { return .emailDomainHasADot }
        guard labels.allSatisfy(isLabel) else { return .emailDomainLabelsAreValid }
        guard !last.allSatisfy(isDigit) else { return .emailDomainEndsInAName }
        return nil
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
    }

    /// `atext` of RFC 5322.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension EmailAddress: Hashable {
    public static func == (one: EmailAddress, other: EmailAddress) -> Bool {
        one.canonical == other.canonical
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(canonical)
    }
}

extension EmailAddress: CustomStringConvertible, CustomReflectable {
    public var description: String { Redaction.emailAddress(address).description }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

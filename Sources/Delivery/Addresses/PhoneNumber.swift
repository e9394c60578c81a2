/// A phone number in E.164 form: `+`, then 7 to 15 digits, the first not zero.
///
/// The form is all that is checked; whether there can be such a number says `NumberPlan`. Its description is redacted,
/// so that an interpolation in a log line cannot leak it; ask for `e164` where the number itself is wanted.
public struct PhoneNumber: Sendable, Hashable {
    /// The whole number, such as `+15005550006`. Never log it.
    public let e164: String

    /// Reads exactly the E.164 form: no spaces, no punctuation, no `00` prefix, ASCII digits only.
    public init(_ text: String) throws(AddressError) {
        if let rule = Self.brokenRule(Array(text.utf8)) {
            throw AddressError(rule: rule, shape: .phoneNumber(text), length: text.count)
        }
        e164 = text
    }

    private static func brokenRule(_ text: [UInt8]) -> AddressError.Rule? {
        let digits = text.dropFirst()
        guard text.first == UInt8(ascii: "+") else { return .phoneStartsWithPlus }
        guard digits.allSatisfy(isDigit) else { return .phoneHasOnlyDigits }
        guard digits.first != UInt8(ascii: "0") else { return .phoneHasNoLeadingZero }
        guard digits.count >= 7 else { return .phoneHasEnoughDigits }
        guard digits.count <= 15 else { return .phoneIsNotTooLong }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension PhoneNumber: CustomStringConvertible, CustomReflectable {
    public var description: String { Redaction.phoneNumber(e164).description }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

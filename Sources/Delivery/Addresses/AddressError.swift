/// Why a text is no phone number or e-mail address: the rule it breaks and its shape, never the text itself.
public struct AddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first rule that the text breaks.
    public let rule: Rule
    /// The text, redacted.
    public let shape: Redaction
    /// How long the text is, in characters.
    public let length: Int

    public enum Rule: String, Sendable, Hashable, CaseIterable {
        case phoneStartsWithPlus = "phone number must start with +"
        case phoneHasOnlyDigits = "phone number must have only digits after +"
        case phoneHasNoLeadingZero = "phone number must not have a zero after +"
        case phoneHasEnoughDigits = "phone number must have at least 7 digits"
        case phoneIsNotTooLong = "phone number must have at most 15 digits"
        case emailHasOneAt = "e-mail address must have exactly one @"
        case emailIsNotTooLong = "e-mail address must have at most 254 characters"
        case emailHasLocalPart = "e-mail address must have something before @"
        case emailLocalPartIsNotTooLong = "e-mail address must have at most 64 characters before @"
        case emailLocalPartIsPlain =
            "e-mail address must have only unquoted ASCII letters, digits and !#$%&'*+-/=?^_`{|}~ before @"
        case emailLocalPartHasSingleDots = "e-mail address must not start, end or double a dot before @"
        case emailDomainHasADot = "e-mail domain must have at least two labels"
        case emailDomainLabelsAreValid = "e-mail domain labels must be 1 to 63 ASCII letters, digits or inner hyphens"
        case emailDomainEndsInAName = "e-mail domain must not end in a number"
    }

    public var description: String { "\(rule.rawValue): \(shape) (\(length) characters)" }
}

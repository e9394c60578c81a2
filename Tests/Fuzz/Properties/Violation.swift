/// A property that does not hold for some input.
public struct Violation: Error, Sendable, CustomStringConvertible {
    /// The rule that was broken, with the values that show it.
    public let description: String
}

/// - Throws: `Violation` with `rule` unless `condition` holds.
func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description: rule()) }
}

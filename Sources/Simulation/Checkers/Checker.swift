/// Watches one promise. It reads nothing but facts, so it cannot share a mistake with what it checks.
protocol Checker: Sendable {
    var name: String { get }

    /// Takes in one more fact; says what is broken, if something is.
    mutating func see(_ fact: Fact, at now: Time) -> String?

    /// What can only be said when the run is over.
    func atEnd(_ database: Database) -> String?
}

extension Checker {
    func atEnd(_ database: Database) -> String? { nil }
}

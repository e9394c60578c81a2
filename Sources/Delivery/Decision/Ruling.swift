/// What a person decided about a held attempt.
public enum Ruling: Sendable, Hashable {
    case sent
    case notSent
}

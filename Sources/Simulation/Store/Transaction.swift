/// A statement after its snapshot: what it will write, and what it holds until then.
struct Transaction<Value: Sendable>: Sendable {
    /// Writes, and says what the statement answers.
    var commit: @Sendable (inout World) -> Value
    /// Gives back locks; also called after a commit.
    var release: @Sendable (inout World) -> Void = { _ in }
}

/// A named SQL statement, prepared once per connection under its name.
///
/// The name is the key: one name stands for one text in the whole program. Values go into parameters (`$1`), never into
/// the text, so the text may appear in logs.
public struct Statement: Sendable, Hashable {
    /// Up to 63 bytes, unique in the program, e.g. `jobs.claim`.
    public let name: String
    /// One SQL command with `$1`-style parameters.
    public let sql: String

    public init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// A statement with its values: what an exchange is made of.
public struct Command: Sendable {
    public let statement: Statement
    public let parameters: [Parameter]

    public init(_ statement: Statement, _ parameters: [Parameter] = []) {
        self.statement = statement
        self.parameters = parameters
    }
}

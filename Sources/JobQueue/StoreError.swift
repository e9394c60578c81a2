public import Postgres

/// Why the queue could not do what was asked.
public enum StoreError: Error, Sendable, Equatable {
    /// The database refused, was late or was not there.
    case database(PostgresError)
    /// A row is not what its statement promises: the schema and this program do not fit. Names the column, never a value.
    case unreadable(String)

    /// Whether the same call may succeed later. What the server refuses for what it says, it will always refuse.
    public var mayPass: Bool {
        switch self {
        case .database(.server(let state, _, _)):
            // Data exceptions and violated constraints; everything else is the server's or the schema's condition.
            !state.code.hasPrefix("22") && !state.code.hasPrefix("23")
        case .database(.encoding), .unreadable: false
        case .database: true
        }
    }

    /// A stored word as its type.
    /// - Throws: `.unreadable` with the column's name.
    static func value<Value>(_ word: String, of column: String, _ make: (String) -> Value?) throws(StoreError) -> Value
    {
        guard let value = make(word) else { throw .unreadable("\(column): a word this version does not know") }
        return value
    }
}

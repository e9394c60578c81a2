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

    /// Whether what was asked may have been done all the same.
    public var isOutcomeUnknown: Bool {
        if case .database(let error) = self { error.isOutcomeUnknown } else { false }
    }

    /// Whether one row may be the cause: the server took too long, ran out of something, or met a value that it cannot
    /// compute with. A server that did not answer at all says nothing of the rows.
    public var mayBeOfOneRow: Bool {
        switch self {
        case .database(.server(let state, _, _)):
            state == .queryCanceled || ["22", "53", "54"].contains { state.code.hasPrefix($0) }
        case .database(.decoding), .unreadable: true
        case .database: false
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

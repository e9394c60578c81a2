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

    /// Whether the server takes no writes, for a reason of its own that an operator must mend: a full disk, a lost right. A
    /// lost race, a restart or a refused row is none.
    public var refusesWrites: Bool {
        guard case .database(.server(let state, _, _)) = self else { return false }
        return ["25", "42", "53", "58", "XX"].contains(state.errorClass)
    }

    /// What a take that failed says of the rows that it asked for.
    public enum Blame: Sendable, Hashable {
        /// Nothing: the server or the way to it is at fault. The same take is tried again.
        case nobody
        /// There may be too many: fewer are tried. One alone is tried as long as it takes, and never held.
        case number
        /// One of them may be the cause: fewer are tried, down to one, which is held when it fails again and again.
        case row
    }

    /// A shortage of the server's is no row's fault, or a full disk would hold one innocent job after another.
    public var blame: Blame {
        switch self {
        case .database(.server(let state, _, _)): Self.blame(for: state)
        // The server's own limit is a little shorter, so it does not even answer: that may be the load, or the network.
        case .database(.deadlinePassed): .number
        case .database(.decoding), .database(.encoding), .unreadable: .row
        case .database: .nobody
        }
    }

    private static func blame(for state: SQLState) -> Blame {
        switch (state.code, state.errorClass) {
        case ("57014", _): .row  // It took too long.
        // A value that cannot be computed with, or not be stored; one that is too large.
        case (_, "22"), (_, "23"), (_, "54"): .row
        case ("XX000", _), ("XX001", _): .row  // What is stored is damaged.
        case ("53200", _): .number  // Out of memory.
        default: .nobody  // A full disk, no connection left, a restart, a lost right or table.
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

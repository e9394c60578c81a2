public import Postgres

/// Why arrivals were not stored. The sender must be told to try again later: storing twice is harmless.
public enum ReceiptStoreError: Error, Sendable, Equatable {
    /// More arrivals wait than the store may hold.
    case full
    /// The database refused or did not answer in time. What was to be stored may or may not be.
    case database(PostgresError)
}

extension ReceiptStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full: "too many arrivals wait to be stored"
        case .database(let error): error.description
        }
    }
}

/// A five-character PostgreSQL error code: https://www.postgresql.org/docs/15/errcodes-appendix.html
public struct SQLState: Sendable, Hashable, CustomStringConvertible {
    public let code: String

    public init(_ code: String) { self.code = code }

    public var description: String { code }

    /// The first two characters: the class of the error.
    public var errorClass: Substring { code.prefix(2) }

    public static let uniqueViolation = SQLState("23505")
    public static let foreignKeyViolation = SQLState("23503")
    public static let checkViolation = SQLState("23514")
    public static let notNullViolation = SQLState("23502")
    public static let serializationFailure = SQLState("40001")
    public static let deadlockDetected = SQLState("40P01")
    public static let lockNotAvailable = SQLState("55P03")
    /// Also what `statement_timeout` answers.
    public static let queryCanceled = SQLState("57014")
    public static let raisedException = SQLState("P0001")
    public static let insufficientPrivilege = SQLState("42501")
    public static let undefinedTable = SQLState("42P01")
    public static let inFailedTransaction = SQLState("25P02")
    static let featureNotSupported = SQLState("0A000")
    static let invalidStatementName = SQLState("26000")

    /// The server rolled the statement back for a reason that passes: a lost race, a shortage, a restart.
    public var isTransient: Bool {
        switch errorClass {
        case "08", "40", "53": true
        case "57": true
        default: self == .lockNotAvailable
        }
    }

    /// The statement did not run because its prepared form is stale or gone; a new connection prepares it anew.
    var meansStalePreparation: Bool { self == .featureNotSupported || self == .invalidStatementName }
}

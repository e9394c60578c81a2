/// Why a database call failed. Never holds a row value, a parameter or a password.
public enum PostgresError: Error, Sendable, Equatable {
    /// Whether the call may have had an effect.
    public enum Effect: Sendable, Equatable {
        /// Nothing was done, or what was done is rolled back. Repeating is safe.
        case none
        /// The statement or COMMIT left, and its answer was lost: look for what it wrote before repeating it.
        case unknown
    }

    /// PostgreSQL refused; the statement had no effect. `message` is the primary message with quoted values of data errors
    /// blanked. DETAIL, HINT and CONTEXT are dropped because they can hold row values; the hint stays where the message
    /// begins with the rule that refused, `rule: …`, as those of Outrider's own functions do.
    case server(SQLState, message: String, constraint: String?)
    /// The connection broke or could not be made. The text is one of ours, a constant per reason.
    case connectionLost(String, Effect)
    /// The caller's deadline passed. The connection was closed: a frozen server must not be waited for.
    case deadlinePassed(Effect)
    /// The calling task was cancelled.
    case cancelled(Effect)
    /// `close()` was called.
    case poolClosed
    /// More callers wait for a connection than the pool allows.
    case tooManyWaiters
    /// A column is missing or its value does not read as the wanted type.
    case decoding(column: String, expected: String)
    /// A parameter cannot be sent: it holds a NUL character. `position` counts from 1 as in `$1`.
    case encoding(position: Int)
    /// The configuration is wrong; the text names the setting, never its value.
    case configuration(String)
    /// Migrations disagree with the database; the text names the migration.
    case migration(String)

    /// The same call may succeed when repeated as it is, and repeating cannot do its work twice.
    public var isRetryable: Bool {
        switch self {
        case .server(let state, _, _): state.isTransient
        case .connectionLost(_, let effect), .deadlinePassed(let effect): effect == .none
        case .tooManyWaiters: true
        case .cancelled, .poolClosed, .decoding, .encoding, .configuration, .migration: false
        }
    }

    /// The call may or may not have taken effect.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .connectionLost(_, let effect), .deadlinePassed(let effect), .cancelled(let effect): effect == .unknown
        case .server, .poolClosed, .tooManyWaiters, .decoding, .encoding, .configuration, .migration: false
        }
    }

    /// The server's code, where the server answered.
    public var sqlState: SQLState? {
        if case .server(let state, _, _) = self { state } else { nil }
    }

    /// The same error of a statement inside a transaction whose COMMIT was never sent: it had no effect.
    var rolledBack: PostgresError {
        switch self {
        case .connectionLost(let reason, _): .connectionLost(reason, .none)
        case .deadlinePassed: .deadlinePassed(.none)
        case .cancelled: .cancelled(.none)
        case .server, .poolClosed, .tooManyWaiters, .decoding, .encoding, .configuration, .migration: self
        }
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .server(let state, let message, let constraint):
            "\(message) [\(state)\(constraint.map { ", constraint \($0)" } ?? "")]\(state.hint)"
        case .connectionLost(let reason, let effect): reason + suffix(effect)
        case .deadlinePassed(let effect): "the database did not answer before the deadline" + suffix(effect)
        case .cancelled(let effect): "the database call was cancelled" + suffix(effect)
        case .poolClosed: "the connection pool is closed"
        case .tooManyWaiters: "too many callers wait for a database connection"
        case .decoding(let column, let expected): "column \(column): expected \(expected)"
        case .encoding(let position): "parameter $\(position) holds a NUL character, which PostgreSQL text cannot"
        case .configuration(let text), .migration(let text): text
        }
    }

    private func suffix(_ effect: Effect) -> String {
        effect == .unknown ? "; whether it took effect is unknown" : ""
    }
}

/// A five-character PostgreSQL error code: https://www.postgresql.org/docs/15/errcodes-appendix.html
public struct SQLState: Sendable, Hashable, CustomStringConvertible {
    public let code: String

    public init(_ code: String) { self.code = code }

    public var description: String { code }

    /// The first two characters: the class of the error.
    public var errorClass: Substring { code.prefix(2) }

    public static let uniqueViolation = SQLState("23505")
    public static let checkViolation = SQLState("23514")
    public static let deadlockDetected = SQLState("40P01")
    public static let lockNotAvailable = SQLState("55P03")
    /// Also what `statement_timeout` answers.
    public static let queryCanceled = SQLState("57014")
    public static let insufficientPrivilege = SQLState("42501")
    public static let undefinedTable = SQLState("42P01")
    public static let inFailedTransaction = SQLState("25P02")
    static let featureNotSupported = SQLState("0A000")
    static let invalidStatementName = SQLState("26000")
    static let duplicatePreparedStatement = SQLState("42P05")
    static let duplicateTable = SQLState("42P07")

    /// What to do, where the code tells more than the message does.
    fileprivate var hint: String {
        guard self == .invalidStatementName || self == .duplicatePreparedStatement else { return "" }
        return ". Is pgbouncer in transaction mode in between? Then set OUTRIDER_DATABASE_PGBOUNCER=true"
    }

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

/// Keeps values out of PostgreSQL's primary messages.
enum ServerMessage {
    /// Data errors (class 22) quote the value they refuse, e.g. `invalid input syntax for type uuid: "…"`. Everything between
    /// the first and the last quote is blanked, because the value may hold quotes itself, and so is what follows a colon.
    static func blanked(_ message: String, _ state: SQLState) -> String {
        guard state.errorClass == "22" else { return message }
        var text = message
        if let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\""), first < last {
            text.replaceSubrange(first...last, with: "…")
        }
        guard let colon = text.firstIndex(of: ":") else { return text }
        return String(text[..<colon])
    }
}

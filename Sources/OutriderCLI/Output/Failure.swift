import ArgumentParser
import Delivery
import Postgres

/// A command's error as a person needs it: what happened, what to do, and the exit code.
struct Failure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus

    init(_ description: String, _ status: ExitStatus) {
        self.description = description
        self.status = status
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as SettingsError: self.init(error.description, .configuration)
        case let error as CronError: self.init("refused: \(error)", .refused)
        case let error as PostgresError: self.init(database: error)
        default: self.init("unexpected: \(type(of: error))", .fault)
        }
    }

    private init(database error: PostgresError) {
        switch error {
        case .configuration: self.init("OUTRIDER_DATABASE_URL: \(error)", .configuration)
        case .connectionLost(let reason, _): self.init("\(error). \(Self.remedy(for: reason))", .unavailable)
        case .deadlinePassed, .tooManyWaiters: self.init("\(error). \(Self.remedy(for: ""))", .unavailable)
        case .server(let state, let message, let constraint):
            self.init(server: state, message, constraint)
        case .migration: self.init(error.description, .refused)
        case .cancelled, .poolClosed: self.init(error.description, .unavailable)
        case .decoding, .encoding: self.init(error.description, .fault)
        }
    }

    private static func remedy(for reason: String) -> String {
        if reason.hasPrefix("the database refused the login") {
            return "Make the login as ops/roles.sql does and allow it in pg_hba.conf, or correct OUTRIDER_DATABASE_URL."
        }
        if reason.hasPrefix("the database refused the user or password") {
            return "Correct user and password in OUTRIDER_DATABASE_URL, or the login's password in the database."
        }
        if reason.hasPrefix("the database named in the URL does not exist") {
            return "Make it with createdb, or correct OUTRIDER_DATABASE_URL."
        }
        return "Check OUTRIDER_DATABASE_URL and that PostgreSQL runs; `outrider doctor` looks closer."
    }

    private init(server state: SQLState, _ message: String, _ constraint: String?) {
        switch state {
        case _ where constraint.map { message.hasPrefix("\($0):") } ?? false:
            self.init("refused: \(message)", .refused)  // A rule of our own, which says the remedy.
        case .undefinedTable, SQLState("3F000"), SQLState("42883"):
            self.init(
                "Outrider's tables are not in this database, or are older than this program. Run `outrider migrate`.",
                .refused)
        case .insufficientPrivilege where message.hasSuffix("this login may not create it"):
            self.init(
                "\(message). Have an administrator create outrider_app, outrider_worker, outrider_gateway and "
                    + "outrider_operator (create role … nologin), then run `outrider migrate` again.", .refused)
        case .insufficientPrivilege:
            self.init("\(message). Grant this login the role it needs, see ops/roles.sql.", .refused)
        default:
            if let constraint {
                self.init("refused by the rule \(constraint)", .refused)
            } else {
                self.init("refused: \(message)", .refused)
            }
        }
    }
}

/// The exit codes of all commands, after BSD's sysexits.
enum ExitStatus: Int32 {
    /// A check of `doctor` failed.
    case failed = 1
    /// The database refused the data; the message names the rule.
    case refused = 65
    case noSuchJob = 66
    /// The database or a port cannot be used; trying again later may help.
    case unavailable = 69
    /// A fault of Outrider itself.
    case fault = 70
    /// Standard output cannot be written: a full disk, or nobody reads it.
    case output = 74
    /// The configuration is missing or malformed.
    case configuration = 78

    var code: ExitCode { ExitCode(rawValue) }

    /// For every command's help; 64 is the argument parser's own.
    static let help = """
        Exit codes: 0 done, 1 a check failed, 64 wrong arguments, 65 the database refused the data, 66 no such job, \
        69 the database or a port cannot be used, 70 a fault of Outrider, 74 standard output cannot be written, \
        78 wrong configuration.
        """
}

import ArgumentParser
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
        case let error as PostgresError: self.init(database: error)
        default: self.init("unexpected: \(type(of: error))", .fault)
        }
    }

    private init(database error: PostgresError) {
        switch error {
        case .configuration: self.init("OUTRIDER_DATABASE_URL: \(error)", .configuration)
        case .connectionLost, .deadlinePassed, .tooManyWaiters:
            self.init(
                "\(error). Check OUTRIDER_DATABASE_URL and that PostgreSQL runs; `outrider doctor` looks closer.",
                .unavailable)
        case .server(let state, let message, let constraint):
            self.init(server: state, message, constraint)
        case .migration: self.init(error.description, .refused)
        case .cancelled, .poolClosed: self.init(error.description, .unavailable)
        case .decoding, .encoding: self.init(error.description, .fault)
        }
    }

    private init(server state: SQLState, _ message: String, _ constraint: String?) {
        switch state {
        case .undefinedTable, SQLState("3F000"), SQLState("42883"):
            self.init(
                "Outrider's tables are not in this database, or are older than this program. Run `outrider migrate`.",
                .refused)
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

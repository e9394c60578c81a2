import ArgumentParser

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
    /// The configuration is missing or malformed.
    case configuration = 78

    var code: ExitCode { ExitCode(rawValue) }

    /// For every command's help; 64 is the argument parser's own.
    static let help = """
        Exit codes: 0 done, 1 a check failed, 64 wrong arguments, 65 the database refused the data, 66 no such job, \
        69 the database or a port cannot be used, 70 a fault of Outrider, 78 wrong configuration.
        """
}

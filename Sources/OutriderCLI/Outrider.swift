import ArgumentParser

/// The `outrider` program.
public enum OutriderProgram {
    /// Runs the command the arguments name and ends the process with its exit code.
    public static func main() async { await Outrider.main() }
}

struct Outrider: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outrider",
        abstract: "Gets a message through: SMS first, then voice, WhatsApp or e-mail, from a plain INSERT.",
        discussion: """
            Settings come from the environment, then from the JSON file that OUTRIDER_CONFIG_FILE names; see README.md.

            Example: outrider up --dev    (all of it on this host, simulated providers)

            \(ExitStatus.help)
            """,
        version: OutriderVersion.current,
        subcommands: [
            Migrate.self, Work.self, GatewayCommand.self, SandboxCommand.self, Up.self, Status.self, Timeline.self,
            Held.self, Release.self, Adopt.self, Enqueue.self, Doctor.self,
        ])
}

/// What `outrider --version` says and workers report.
enum OutriderVersion {
    static let current = "0.1.0"
}

/// A command whose errors end as one message on standard error and a documented exit code.
protocol OutriderCommand: AsyncParsableCommand {
    func perform() async throws
}

extension OutriderCommand {
    mutating func run() async throws {
        do {
            try await perform()
        } catch let error as ExitCode {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            let failure = Failure(error)
            Console.note("outrider: \(failure)")
            throw failure.status.code
        }
    }
}

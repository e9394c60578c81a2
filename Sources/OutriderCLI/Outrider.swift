import ArgumentParser
import Foundation
import Threads

/// The `outrider` program.
public enum OutriderProgram {
    /// Called before anything else, while no file is open.
    public static func prepare() { Descriptor.prepareStandardStreams() }

    /// Runs the command the arguments name and ends the process with its exit code.
    public static func main() async -> Never {
        let status = await status()
        Console.flush()
        exit(status)
    }

    private static func status() async -> Int32 {
        do {
            var command = try Outrider.parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error)
        }
    }

    /// Help, a version and a completion script come as errors too: they are data.
    private static func report(_ error: any Error) -> Int32 {
        let (text, code) = (Outrider.fullMessage(for: error), Outrider.exitCode(for: error))
        guard !text.isEmpty else { return code.rawValue }
        guard code.isSuccess else {
            Console.note(GivenArguments(CommandLine.arguments.dropFirst()).hidden(in: text))
            return code.rawValue
        }
        do {
            try Console.data(text)
            return 0
        } catch {
            Console.note("outrider: \(error)")
            return error.status.rawValue
        }
    }
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
            Why.self, Held.self, Release.self, OptOuts.self, Caps.self, Adopt.self, Enqueue.self, CampaignCommand.self,
            ScheduleCommand.self, SuppressionCommand.self, ConsentCommand.self, DeadCommand.self, Forget.self,
            ExportPerson.self, SealCommand.self, Doctor.self,
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

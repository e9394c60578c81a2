import ArgumentParser

/// The `outrider` program.
public enum OutriderProgram {
    /// Runs the command the arguments name and ends the process with its exit code.
    public static func main() async { await Outrider.main() }
}

struct Outrider: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outrider", abstract: "Gets messages through.")
}

import ArgumentParser

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

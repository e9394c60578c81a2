import ArgumentParser
import Simulation

/// The command line of the simulator.
@main
struct OutriderSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outrider-sim",
        abstract: "Runs the worker in a simulated world and looks for broken promises.",
        discussion: """
            One seed is one run, replayed exactly: workers that die and sleep, a database that loses commits, providers \
            that lose answers, callbacks that come late, twice or never, people who opt out.

            Examples:
              outrider-sim --seeds 2000
              outrider-sim --seed 17 --trace
              outrider-sim --prove

            Exit codes: 0 all is well, 1 a promise was broken (or a planted bug was not found), 64 wrong arguments.
            """)

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 2000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Run this one seed only.")
    var seed: UInt64?

    @Flag(help: "Print everything that happens. Only with --seed.")
    var trace = false

    @Option(help: "Plant a bug: \(Bug.allCases.map(\.rawValue).joined(separator: ", ")).")
    var bug: String?

    @Flag(help: "Look for every planted bug, at most 1,000 seeds each.")
    var prove = false

    @Option(help: "Threads; 0 is one for each processor.")
    var jobs = 0

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if let bug, Bug(rawValue: bug) == nil { throw ValidationError("there is no planted bug \"\(bug)\"") }
        if trace, seed == nil { throw ValidationError("--trace needs --seed") }
        if seeds == 0 { throw ValidationError("--seeds must be at least 1") }
        if jobs < 0 || jobs > 256 { throw ValidationError("--jobs must be 0 to 256") }
        if prove, bug != nil || seed != nil { throw ValidationError("--prove takes neither --bug nor --seed") }
    }

    func run() throws {
        if let seed {
            try runOne(seed)
        } else if prove {
            try runProof()
        } else {
            try runMany()
        }
    }

    private var planted: Bug? { bug.flatMap(Bug.init) }

    private func runOne(_ seed: UInt64) throws {
        let report = simulate(seed: seed, bug: planted, keepsTrace: trace)
        Printer(isJSON: json).print(report, seed: seed)
        if !report.alarms.isEmpty { throw ExitCode(1) }
    }

    private func runMany() throws {
        let printer = Printer(isJSON: json)
        let campaign = Campaign(seeds: from..<from + seeds, bug: planted, threads: jobs, stopsAtFirst: false)
        let result = campaign.run { printer.progress($0) }
        printer.print(result, bug: planted)
        if !result.failures.isEmpty { throw ExitCode(1) }
    }

    private func runProof() throws {
        let printer = Printer(isJSON: json)
        var isProven = true
        var rows: [Printer.ProofRow] = []
        for bug in Bug.allCases {
            let campaign = Campaign(seeds: from..<from + min(seeds, 1000), bug: bug, threads: jobs, stopsAtFirst: true)
            let found = campaign.run { _ in }.failures.first
            if found == nil { isProven = false }
            rows.append(.init(bug: bug.rawValue, seed: found?.seed, checker: found?.alarm.checker))
            printer.progress("\(bug.rawValue): \(found.map { "seed \($0.seed), \($0.alarm.checker)" } ?? "NOT FOUND")")
        }
        printer.print(rows)
        if !isProven { throw ExitCode(1) }
    }
}

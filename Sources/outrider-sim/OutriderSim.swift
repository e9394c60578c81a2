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
              outrider-sim --seeds 2000 --regressions
              outrider-sim --seed 17 --trace
              outrider-sim --prove

            Exit codes: 0 all is well, 1 a promise was broken (or a planted bug was not found), 64 wrong arguments.
            """)

    @Option(help: "How many seeds to run; 2,000 unless told, none with --regressions alone.")
    var seeds: UInt64?

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Run this one seed only.")
    var seed: UInt64?

    @Flag(help: "Print everything that happens. Only with --seed.")
    var trace = false

    @Option(help: "Plant a bug: \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")).")
    var bug: String?

    @Flag(help: "Run the seeds that ever failed, too.")
    var regressions = false

    @Flag(help: "Look for every planted bug with the checkers of its promise, at most 4,000 seeds each.")
    var prove = false

    @Option(help: "Threads; 0 is one for each processor.")
    var jobs = 0

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if let bug, PlantedBug(rawValue: bug) == nil { throw ValidationError("there is no planted bug \"\(bug)\"") }
        if trace, seed == nil { throw ValidationError("--trace needs --seed") }
        if seeds == 0, !regressions { throw ValidationError("--seeds must be at least 1") }
        if jobs < 0 || jobs > 256 { throw ValidationError("--jobs must be 0 to 256") }
        if regressions, seed != nil || prove { throw ValidationError("--regressions takes neither --seed nor --prove") }
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

    private var planted: PlantedBug? { bug.flatMap(PlantedBug.init) }

    private func runOne(_ seed: UInt64) throws {
        let report = simulate(seed: seed, bug: planted, tracing: trace ? .lines : .hash)
        Printer(isJSON: json).print(report, seed: seed)
        if !report.alarms.isEmpty { throw ExitCode(1) }
    }

    private func runMany() throws {
        let printer = Printer(isJSON: json)
        let count = seeds ?? (regressions ? 0 : 2000)
        let old = regressions ? Regression.all.map(\.seed) : []
        let soak = Soak(seeds: old + (from..<from + count), bug: planted, threads: jobs, stopsAtFirst: false)
        let result = soak.run { printer.progress($0) }
        if !json, let first = result.failures.first?.seed {
            printer.print(simulate(seed: first, bug: planted, tracing: .lines), seed: first)
        }
        printer.print(result, bug: planted)
        if !result.failures.isEmpty { throw ExitCode(1) }
    }

    private func runProof() throws {
        let printer = Printer(isJSON: json)
        var isProven = true
        var rows: [Printer.ProofRow] = []
        for bug in PlantedBug.ofRuns {
            let seeds = from..<from + min(seeds ?? 4000, 4000)
            let soak = Soak(seeds: seeds, bug: bug, threads: jobs, stopsAtFirst: true)
            let found = soak.run { _ in }.failures.first
            // The same seed without the bug must raise no alarm, or it was not the bug that was found.
            let isClean = found.map { simulate(seed: $0.seed, focus: bug).alarms.isEmpty } ?? false
            if !isClean { isProven = false }
            rows.append(.init(bug: bug.rawValue, seed: found?.seed, checker: found?.alarm.checker, isClean: isClean))
            printer.progress("\(bug.rawValue): \(found.map { "seed \($0.seed), \($0.alarm.checker)" } ?? "NOT FOUND")")
        }
        printer.print(rows)
        if !isProven { throw ExitCode(1) }
    }
}

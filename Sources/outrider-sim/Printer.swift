import Foundation
import Simulation

/// What the command says: results to the output, progress to the error output.
struct Printer {
    var isJSON: Bool

    struct ProofRow: Encodable {
        var bug: String
        /// The least seed that found it; nil when none did.
        var seed: UInt64?
        var checker: String?
        /// Whether the same seed raises no alarm without the bug.
        var isClean: Bool
    }

    private struct SeedResult: Encodable {
        var seed: UInt64
        var alarms: [String]
        var traceHash: String
        var jobs: Int
        var accepted: Int
    }

    private struct SoakResult: Encodable {
        var seeds: Int
        var failed: [UInt64]
        var jobs: Int
        var accepted: Int
        var seconds: Double
    }

    func print(_ report: RunReport, seed: UInt64) {
        let hash = String(report.traceHash, radix: 16)
        guard !isJSON else {
            return write(
                SeedResult(
                    seed: seed, alarms: report.alarms.map(\.description), traceHash: hash, jobs: report.jobs,
                    accepted: report.accepted))
        }
        for line in report.trace { Swift.print(line) }
        for alarm in report.alarms where report.trace.isEmpty { Swift.print(alarm) }
        Swift.print(
            "seed \(seed): \(report.alarms.isEmpty ? "all promises held" : "BROKEN"), \(report.jobs) jobs, \(report.accepted) messages taken, trace \(hash)"
        )
    }

    func print(_ result: Soak.Result, bug: PlantedBug?) {
        guard !isJSON else {
            return write(
                SoakResult(
                    seeds: result.runs, failed: result.failures.map(\.seed), jobs: result.jobs,
                    accepted: result.accepted, seconds: result.seconds))
        }
        for failure in result.failures.prefix(20) {
            Swift.print("seed \(failure.seed): \(failure.alarm)")
            Swift.print(
                "  replay: ops/simulate --seed \(failure.seed) --trace" + (bug.map { " --bug \($0.rawValue)" } ?? ""))
        }
        Swift.print(
            "\(result.runs) seeds, \(result.failures.count) broken; \(result.jobs) jobs, \(result.accepted) messages taken; "
                + String(
                    format: "%.1f s, %.0f seeds/s", result.seconds, Double(result.runs) / max(result.seconds, 0.001)))
    }

    func print(_ rows: [ProofRow]) {
        guard !isJSON else { return write(rows) }
        let width = rows.map(\.bug.count).max() ?? 0
        Swift.print("planted bug".padding(toLength: width, withPad: " ", startingAt: 0) + "  seed  checker")
        for row in rows {
            let seed = row.seed.map(String.init) ?? "-"
            Swift.print(
                row.bug.padding(toLength: width, withPad: " ", startingAt: 0) + "  "
                    + seed.padding(toLength: 4, withPad: " ", startingAt: 0) + "  " + (row.checker ?? "NOT FOUND")
                    + (row.isClean || row.seed == nil ? "" : ", BUT ALSO WITHOUT THE BUG"))
        }
    }

    func progress(_ done: Int) {
        if done.isMultiple(of: 1000) { progress("\(done) seeds") }
    }

    func progress(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    private func write(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(value) else { return }
        Swift.print(String(decoding: data, as: UTF8.self))
    }
}

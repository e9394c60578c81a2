import Foundation

/// What the kernel says of this process, and which version it runs: the names that every exporter uses.
struct ProcessMetrics: Sendable {
    /// What `outrider_build_info` says.
    let version: String

    var text: String {
        var text = PrometheusText()
        text.header("outrider_build_info", .gauge)
        text.sample("outrider_build_info", [("version", version)], 1)
        for (name, kind, value) in Self.values {
            guard let value else { continue }
            text.header(name, kind)
            text.sample(name, [], value)
        }
        return text.content
    }

    private static var values: [(String, PrometheusFamily.Kind, Double?)] {
        let status = Status()
        return [
            ("process_cpu_seconds_total", .counter, status?.cpuSeconds),
            ("process_open_fds", .gauge, openDescriptors), ("process_max_fds", .gauge, maximumDescriptors),
            ("process_resident_memory_bytes", .gauge, status?.residentBytes),
            ("process_start_time_seconds", .gauge, status?.startedAt),
        ]
    }

    private static var openDescriptors: Double? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
    }

    private static var maximumDescriptors: Double? {
        let line = file("/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").dropFirst(3).first.flatMap { Double($0) }
    }

    static func file(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// `/proc/self/stat`, as proc(5) has it: the fields behind the command's name, which may hold spaces.
    private struct Status {
        /// `sysconf(_SC_CLK_TCK)` of Linux on every architecture that Swift runs on.
        private static let ticksPerSecond = 100.0
        private static let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))

        let cpuSeconds: Double
        let residentBytes: Double
        let startedAt: Double?

        init?() {
            guard let text = file("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
            // The first of them is field 3, the state.
            let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
            guard fields.count > 21 else { return nil }
            cpuSeconds = (fields[11] + fields[12]) / Self.ticksPerSecond
            residentBytes = fields[21] * Self.pageBytes
            let booted = file("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
                .flatMap { Double($0.dropFirst(6)) }
            startedAt = booted.map { $0 + fields[19] / Self.ticksPerSecond }
        }
    }
}

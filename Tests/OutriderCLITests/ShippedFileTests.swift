import Foundation
import Testing

/// What is installed beside the program, and what a program shows before anything has happened.
@Suite("What is shipped", .timeLimit(.minutes(2)))
struct ShippedFileTests {
    private static func lines(of path: String) throws -> [String] {
        let url = Document.root.appending(path: path)
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test(
        "a unit is never given up, is watched, and is bounded in memory and descriptors",
        arguments: ["ops/systemd/outrider-gateway.service", "ops/systemd/outrider-work@.service"])
    func units(_ path: String) throws {
        let lines = try Self.lines(of: path)
        for line in ["StartLimitIntervalSec=0", "Restart=always", "Type=notify", "LimitCORE=0"] {
            #expect(lines.contains(line), "\(line)")
        }
        for name in ["RestartSec", "WatchdogSec", "LimitNOFILE", "MemoryMax"] {
            #expect(lines.count { $0.hasPrefix(name + "=") } == 1, "\(name)")
        }
        let descriptors = lines.compactMap { $0.split(separator: "LimitNOFILE=").first.flatMap { Int($0) } }
        // A listener takes 2,000 connections, and never more than three quarters of the descriptors.
        #expect(descriptors.allSatisfy { $0 * 3 / 4 >= 2_000 } && descriptors.count == 1)
    }

    @Test("each dependency is of one version, as its resolved file is not kept and a warning is an error")
    func dependencies() throws {
        let packages = try Self.lines(of: "Package.swift").filter { $0.contains(".package(url:") }
        #expect(packages.count >= 8)
        for package in packages { #expect(package.contains("exact:"), "\(package)") }
    }

    @Test("no schedule of the examples hangs on CRON_TZ, of which Debian's cron takes no notice")
    func crontab() throws {
        for line in try Self.lines(of: "ops/examples/crontab") where !line.hasPrefix("#") {
            #expect(!line.contains("CRON_TZ"))
        }
    }

    @Test("each alert has a test in which it fires, and two moments at which it does not")
    func alerts() throws {
        let alerts = try Self.lines(of: "ops/prometheus/rules.yml").compactMap { $0.split(separator: "- alert: ").last }
            .filter { $0.hasPrefix("Outrider") }
        #expect(alerts.count >= 20)
        let tests = try Self.lines(of: "ops/prometheus/rules.test.yml")
        for alert in alerts {
            let expectations = tests.indices.filter { tests[$0].contains("alertname=\"\(alert)\"") }
                .compactMap { line in tests[line...].prefix(3).first { $0.contains("exp_samples:") } }
            #expect(expectations.contains { $0.contains("value: ") }, "\(alert) never fires")
            #expect(expectations.count { $0.hasSuffix("exp_samples: []") } >= 2, "\(alert) is never silent")
        }
    }

    @Test("every counter that an alert watches is there at 0 from the start, with each of its labels")
    func firstScrape() async throws {
        let stand = try await JobStand()
        var worker = stand.program("info")
        let metrics = "127.0.0.1:\(try await Program.freePort())"
        worker.environment["OUTRIDER_METRICS_LISTEN"] = metrics
        let running = [try stand.program("info").start("gateway"), try worker.start("work")]
        try await stand.waitForGateway()
        try await running[1].waitForError(containing: "Metrics listen")
        let gateway = try await Program.get("http://\(stand.gateway)/metrics").body
        for result in ["forged", "unsigned", "malformed", "unavailable", "unreadable"] {
            for source in ["status", "voice", "inbound", "mail"] {
                #expect(
                    gateway.contains("\noutrider_webhooks_total{result=\"\(result)\",source=\"\(source)\"} 0\n"),
                    "\(result) \(source)")
            }
        }
        #expect(gateway.contains("outrider_arrivals_total{fate=\"unknown\",source=\"status\"} 0\n"))
        let work = try await Program.get("http://\(metrics)/metrics").body
        for channel in ["sms", "voice", "whatsapp", "email"] {
            let unknown = "\noutrider_attempts_total{answer=\"unknown\",channel=\"\(channel)\","
            #expect(work.contains(unknown), "\(channel)")
        }
        for name in [
            "attempts_lost", "leases_rescued", "workers_found_dead", "records_failed", "jobs_unreadable",
            "metrics_dropped", "log_lines_dropped",
        ] {
            #expect(work.contains("\noutrider_\(name)_total 0\n"), "\(name)")
        }
        for text in [gateway, work] {
            for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
                #expect(text.contains("# HELP \(line.split(separator: " ")[2]) "), "\(line)")
            }
            for name in ["process_start_time_seconds", "process_resident_memory_bytes", "outrider_build_info"] {
                #expect(text.contains("\n\(name)"), "\(name)")
            }
        }
        for program in running.reversed() { #expect(await program.terminate() == 0) }
    }
}

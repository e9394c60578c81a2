import CoreMetrics
import Testing

@testable import Gateway

@Suite("Prometheus text")
struct PrometheusTests {
    @Test("names are made valid, values escaped, labels sorted")
    func format() {
        let registry = PrometheusRegistry()
        Counter(label: "a.b-c", dimensions: [("z", "1"), ("a", "q\"\\\n")], factory: registry).increment(by: 3)
        Gauge(label: "9lives", factory: registry).record(1.5)
        #expect(
            registry.text() == """
                # HELP _9lives Counted by a library of Outrider's.
                # TYPE _9lives gauge
                _9lives 1.5
                # HELP a_b_c_total Counted by a library of Outrider's.
                # TYPE a_b_c_total counter
                a_b_c_total{a="q\\"\\\\\\n",z="1"} 3
                # HELP outrider_metrics_dropped_total Series beyond the bound, which are not shown.
                # TYPE outrider_metrics_dropped_total counter
                outrider_metrics_dropped_total 0

                """)
    }

    @Test("a value ends at its own quotation mark, whatever mark stands behind one in it", arguments: Self.marks)
    func labels(_ mark: String) {
        let registry = PrometheusRegistry()
        Counter(label: "n", dimensions: [("a", "x\"\(mark)\\\(mark)\n\(mark)")], factory: registry).increment()
        #expect(
            registry.text().unicodeScalars.contains("n_total{a=\"x\\\"\(mark)\\\\\(mark)\\n\(mark)\"} 1".unicodeScalars)
        )
    }

    @Test(
        "no value ends a tag or an attribute of a page, whatever mark stands behind its quotes", arguments: Self.marks)
    func pages(_ mark: String) throws {
        let pages = try Pages()
        let plain = pages.message("x").utf8
        for special in ["<", ">", "\"", "'"] {
            let page = pages.message("x\(special)\(mark)y\(mark)\(special)").utf8
            let byte = special.utf8.first
            #expect(page.count { $0 == byte } == plain.count { $0 == byte })
        }
    }

    /// Each makes one `Character` with a special character; the last one before it.
    private static let marks = ["\u{301}", "\u{1082}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{1F3FB}", "\u{600}"]

    @Test("a histogram's buckets add up, and its last one holds everything")
    func histogram() {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "wait", factory: registry)
        for nanoseconds: Int64 in [4_000_000, 20_000_000, 90_000_000_000] { timer.recordNanoseconds(nanoseconds) }
        let lines = Set(registry.text().split(separator: "\n"))
        for line in [
            #"wait_seconds_bucket{le="0.005"} 1"#, #"wait_seconds_bucket{le="0.025"} 2"#,
            #"wait_seconds_bucket{le="60"} 2"#, #"wait_seconds_bucket{le="+Inf"} 3"#, "wait_seconds_count 3",
        ] {
            #expect(lines.contains(line[...]), "\(line)")
        }
    }

    @Test("what the kernel says of the process, and its version, stand beside what is counted")
    func process() throws {
        let text = PrometheusRegistry(version: "1.2.3").scrape()
        #expect(text.contains("outrider_build_info{version=\"1.2.3\"} 1\n"))
        let names = [
            "process_start_time_seconds", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
        ]
        for name in names {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            let value = try #require(Double(line.dropFirst(name.count + 1)))
            #expect(value > 0)
        }
        #expect(text.contains("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "))
    }

    @Test("the same name and dimensions are one series, made as often as one likes")
    func identity() {
        let registry = PrometheusRegistry()
        for _ in 0..<3 {
            Counter(label: "n", dimensions: [("k", "v")], factory: registry).increment()
        }
        #expect(registry.text().contains("n_total{k=\"v\"} 3\n"))
    }

    @Test("series beyond the bound, and a name used for two kinds, are counted and not shown")
    func bound() {
        let registry = PrometheusRegistry()
        for n in 0...PrometheusRegistry.maximumSeries {
            Counter(label: "n", dimensions: [("k", "\(n)")], factory: registry).increment()
        }
        Gauge(label: "n_total", factory: registry).record(1)
        #expect(registry.text().contains("outrider_metrics_dropped_total 2\n"))
        #expect(registry.text().split(separator: "\n").count { $0.hasPrefix("n_total{") } == 1_000)
    }
}

/// Prometheus text, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusText {
    private(set) var content = ""

    mutating func header(_ name: String, _ kind: PrometheusFamily.Kind) {
        content += "# HELP \(name) \(MetricHelp.text(of: name))\n"
        content += "# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ dimensions: [(String, String)], _ value: Double) {
        line(name, Self.labels(dimensions), value)
    }

    /// - Parameter labels: as `labels(_:)` makes them.
    mutating func line(_ name: String, _ labels: String, _ value: Double) {
        content += labels.isEmpty ? name : "\(name){\(labels)}"
        content += " \(Self.number(value))\n"
    }

    /// A valid metric name: dots and everything else that is not allowed become underscores.
    static func name(_ label: String, suffix: String = "") -> String {
        let name = identifier(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `a="1",b="2"`, sorted by name, values escaped.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { (identifier($0.0), escaped($0.1)) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
    }

    static func number(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        case _ where value.isNaN: "NaN"
        case _ where value == value.rounded() && abs(value) < 1e15: String(Int64(value))
        default: value.description
        }
    }

    private static func identifier(_ text: String) -> String {
        var bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ $0 <= UInt8(ascii: "9") }) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escaped(_ value: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": text.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}

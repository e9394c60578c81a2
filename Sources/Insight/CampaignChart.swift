import Delivery

/// How many people of a campaign began and ended, minute by minute, as a picture in SVG. No script, nothing loaded from
/// elsewhere, and no person.
public struct CampaignChart: Sendable {
    private let name: String
    private let minutes: [CampaignReport.Minute]

    private static let (width, height) = (960.0, 260.0)
    private static let (left, right, top, bottom) = (56.0, 12.0, 30.0, 30.0)

    /// Nil for fewer than two minutes: that is no course.
    public init?(_ report: CampaignReport) {
        guard report.minutes.count > 1 else { return nil }
        (name, minutes) = (report.progress.name, report.minutes)
    }

    /// The most in a minute.
    private var peak: Int { max(1, minutes.map { max($0.begun, $0.ended) }.max() ?? 1) }

    /// For a page, whose colours of text and ground it takes.
    public var inline: String { "<svg \(attributes)>\(content)</svg>" }

    /// For a file, with a ground of its own.
    public var file: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.width))" height="\(Int(Self.height))" color="#111827" \(attributes)>
        <rect width="100%" height="100%" fill="#ffffff"/>\(content)</svg>

        """
    }

    private var attributes: String {
        "viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\""
    }

    private var content: String {
        """
        <title>\(Markup.xml(name)): people a minute, \(first) to \(last) UTC</title>
        <g stroke="currentColor" stroke-opacity="0.25">\(grid)</g>
        <g fill="currentColor">\(labels)</g>
        \(line(\.begun, "stroke=\"#3b82f6\" stroke-dasharray=\"5 3\""))
        \(line(\.ended, "stroke=\"#16a34a\""))

        """
    }

    private var first: String { Markup.xml(minutes[0].minute) }
    private var last: String { Markup.xml(minutes[minutes.count - 1].minute) }

    private var grid: String {
        [0, 0.5, 1].map { share in
            let y = Self.text(Self.y(share))
            return "<path d=\"M\(Self.text(Self.left)) \(y)H\(Self.text(Self.width - Self.right))\"/>"
        }.joined()
    }

    private var labels: String {
        let middle = Markup.xml(String(minutes[minutes.count / 2].minute.suffix(5)))
        let base = Self.height - 8
        let scale = [(0, "0"), (0.5, Self.text(Double(peak) / 2)), (1, String(peak))].map { share, text in
            label(text, Self.left - 6, Self.y(share) + 4, anchor: "end")
        }
        return scale.joined() + label(first, Self.left, base)
            + label(last, Self.width - Self.right, base, anchor: "end")
            + (minutes.count > 4 ? label(middle, Self.x(minutes.count / 2, minutes.count), base, anchor: "middle") : "")
            + legend
    }

    private var legend: String {
        func sample(_ x: Double, _ stroke: String) -> String {
            "<path d=\"M\(Self.text(x)) 12h24\" fill=\"none\" stroke-width=\"2\" \(stroke)/>"
        }
        return sample(Self.left, "stroke=\"#3b82f6\" stroke-dasharray=\"5 3\"")
            + label("people begun a minute", Self.left + 30, 16) + sample(Self.left + 190, "stroke=\"#16a34a\"")
            + label("people done a minute", Self.left + 220, 16)
    }

    private func label(_ text: String, _ x: Double, _ y: Double, anchor: String = "start") -> String {
        "<text x=\"\(Self.text(x))\" y=\"\(Self.text(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }

    private func line(_ count: KeyPath<CampaignReport.Minute, Int>, _ stroke: String) -> String {
        let points = minutes.enumerated().map { index, minute in
            let y = Self.y(Double(minute[keyPath: count]) / Double(peak))
            return "\(Self.text(Self.x(index, minutes.count))),\(Self.text(y))"
        }
        return "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke-width=\"2\" \(stroke)/>"
    }

    private static func x(_ index: Int, _ count: Int) -> Double {
        left + (width - left - right) * Double(index) / Double(count - 1)
    }

    private static func y(_ share: Double) -> Double { height - bottom - (height - top - bottom) * share }

    /// With one digit, and none where it is whole.
    private static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}

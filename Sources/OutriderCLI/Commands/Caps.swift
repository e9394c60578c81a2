import ArgumentParser
import Insight

struct Caps: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "List how often, and for how much money, messages may go out, and what was over that.",
        discussion: """
            A cap that only records keeps nothing back. To let it: select outrider.set_cap_mode('NAME', 'enforce'). Caps are set by \
            outrider.set_cap and taken away by outrider.drop_cap.

            Example: outrider caps --json | jq '.[] | select(.lastDay > 0)'

            \(ExitStatus.help)
            """)

    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let caps = try await DatabaseVisit.make(as: "caps") { pool in try await CapStatus.all(pool) }
        if json { return try Console.json(caps) }
        guard !caps.isEmpty else { return Console.note("There is no cap.") }
        var table = Table("name", "at most", "per", "of", "over it", "mode", "last hour", "last day")
        for cap in caps {
            table.add(
                cap.name, "\(cap.amount) in \(cap.span)", cap.subject, cap.scope, cap.excess, cap.mode,
                String(cap.lastHour), String(cap.lastDay))
        }
        try Console.data(table.text)
    }
}

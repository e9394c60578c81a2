/// What happened, line by line, and its hash: two runs are the same run exactly if their hashes are the same.
struct Trace: Sendable {
    private(set) var lines: [String] = []
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private let tracing: Tracing

    init(_ tracing: Tracing) {
        self.tracing = tracing
    }

    mutating func add(_ thing: some CustomStringConvertible, at now: Time) {
        guard tracing != .nothing else { return }
        let text = thing.description
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ UInt64(bitPattern: now)) &* 0x0000_0100_0000_01B3
        guard tracing == .lines else { return }
        lines.append("\(Self.seconds(now))  \(text)")
    }

    private static func seconds(_ now: Time) -> String {
        let micros = String(now % 1_000_000)
        let whole = String(now / 1_000_000)
        return String(repeating: " ", count: max(0, 5 - whole.count)) + whole + "."
            + String(repeating: "0", count: 6 - micros.count) + micros
    }
}

/// What a run remembers of what happened.
public enum Tracing: Sendable {
    /// The alarms only: the fastest.
    case nothing
    /// Its hash.
    case hash
    /// Its hash, and everything line by line.
    case lines
}

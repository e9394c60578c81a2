import Configuration
import Foundation

/// The names of all settings, and what looks like one and is none.
enum SettingNames {
    static let all = [
        "OUTRIDER_CATCH_UP_SECONDS", "OUTRIDER_CONFIG_FILE", "OUTRIDER_DATABASE_PGBOUNCER",
        "OUTRIDER_DATABASE_POOL_SIZE", "OUTRIDER_DATABASE_URL", "OUTRIDER_DRAIN_SECONDS", "OUTRIDER_HASH_KEY",
        "OUTRIDER_LINK_KEY",
        "OUTRIDER_LINK_KEY_SECONDARY",
        "OUTRIDER_LISTEN",
        "OUTRIDER_LOG_FORMAT", "OUTRIDER_LOG_LEVEL", "OUTRIDER_METRICS_LISTEN", "OUTRIDER_OPERATOR_DATABASE_URL",
        "OUTRIDER_OPERATOR_PASSWORD", "OUTRIDER_OPERATOR_PEOPLE", "OUTRIDER_OPERATOR_USER", "OUTRIDER_POLLS_PER_SECOND",
        "OUTRIDER_PUBLIC_URL",
        "OUTRIDER_RECONCILE_DELAY_SECONDS", "OUTRIDER_RECONCILE_SPACING_SECONDS",
        "OUTRIDER_SEAL_KEYS",
        "OUTRIDER_UNSUBSCRIBE_EMAIL", "OUTRIDER_WORKER_CONCURRENCY",
        "SENDGRID_API_BASE_URL", "SENDGRID_API_KEY", "SENDGRID_WEBHOOK_PUBLIC_KEY", "TWILIO_ACCOUNT_SID",
        "TWILIO_API_BASE_URL", "TWILIO_API_KEY_SECRET", "TWILIO_API_KEY_SID", "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_SECONDARY", "TWILIO_EDGE", "TWILIO_LOOKUPS_BASE_URL", "TWILIO_REGION",
    ]

    /// What the scripts of ops/ and the tests read.
    private static let others = ["BIN", "FUZZER", "TEST_BINARY", "TEST_DATABASE_URL"].map { "OUTRIDER_" + $0 }

    /// One sentence for each variable that begins as Outrider's own do, and that no program reads.
    static func unknown(in environment: [String: String]) -> [String] {
        environment.keys.filter { $0.hasPrefix("OUTRIDER_") && !isKnown($0) && !others.contains($0) }.sorted().map {
            let name = $0.hasSuffix("_FILE") ? String($0.dropLast(5)) : $0
            return "\($0) is no setting." + (nearest(to: name).map { " Did you mean \($0)?" } ?? "")
        }
    }

    /// One sentence for each member of the settings file that no program reads.
    static func unknown(inFile text: Data) -> [String] {
        guard let object = try? JSONSerialization.jsonObject(with: text) as? [String: Any] else { return [] }
        let paths = object.flatMap { name, value in
            (value as? [String: Any])?.keys.map { [name, $0] } ?? [[name]]
        }
        let known = Set((all + all.map { $0 + "_FILE" }).map { SettingsReader.key(for: $0).description })
        return paths.filter { !known.contains($0.joined(separator: ".")) }.map { path in
            let sentence = "The settings file has \(path.joined(separator: ".")), which no program reads."
            guard let name = nearest(to: path.joined(separator: "_")) else { return sentence }
            return "\(sentence) Write \(spelling(of: name))."
        }.sorted()
    }

    /// How a setting is written in the file: the only way.
    static func spelling(of name: String) -> String {
        let key = SettingsReader.key(for: name).description.split(separator: ".")
        return #"{"\#(key[0])": {"\#(key[1])": …}}"#
    }

    private static func isKnown(_ name: String) -> Bool {
        all.contains(name) || (name.hasSuffix("_FILE") && all.contains(String(name.dropLast(5))))
    }

    /// The setting whose letters differ least; nil when none is near.
    private static func nearest(to name: String) -> String? {
        let letters = letters(name)
        let best = all.map { ($0, distance(letters, Self.letters($0))) }.min { $0.1 < $1.1 }
        guard let best, best.1 * 3 <= letters.count else { return nil }
        return best.0
    }

    private static func letters(_ name: String) -> [UInt8] {
        name.lowercased().utf8.filter { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    /// How many letters must be put in, left out or changed (Levenshtein).
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let change = diagonal + (letter == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}

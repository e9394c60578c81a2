/// Why a connection could not be made, as a constant sentence: libpq's own text holds host and address. What somebody must
/// mend is followed by the server's own words, which name the role and the database of the URL, and never the password.
enum ConnectFailure: String, CaseIterable {
    case authentication = "the database refused the user or password"
    case login = "the database refused the login"
    case noDatabase = "the database named in the URL does not exist"
    case tooMany = "the database has no connection slot left"
    case starting = "the database is starting up, shutting down or recovering"
    case readOnly = "the database host is not the primary"
    case name = "the database host name cannot be resolved"
    case refused = "the database host refuses connections"
    case tls = "the TLS handshake with the database failed"
    case other = "the database cannot be reached"

    /// Waiting does not help: somebody has to change something.
    var isPermanent: Bool { [.authentication, .login, .noDatabase].contains(self) }

    /// Whether a text that `text` made says so.
    static func isPermanent(_ text: String) -> Bool {
        allCases.contains { $0.isPermanent && text.hasPrefix($0.rawValue) }
    }

    static func text(libpqMessage message: String) -> String {
        let failure = ConnectFailure(libpqMessage: message)
        let lines = message.split(whereSeparator: \.isNewline)
        // libpq says first where it connected to, and then what the server said.
        guard failure.isPermanent, let line = lines.last(where: { $0.contains("FATAL:") }),
            let words = line.split(separator: "FATAL:").last?.drop(while: \.isWhitespace), !words.isEmpty
        else { return failure.rawValue }
        return "\(failure.rawValue): \(words)"
    }

    /// Reads libpq's message. libpq reports no SQLSTATE while connecting; its texts and the server's are matched in English,
    /// and a translated one is `other`.
    init(libpqMessage message: String) {
        let hints: [(String, ConnectFailure)] = [
            ("password authentication failed", .authentication), ("authentication failed", .authentication),
            ("no password supplied", .authentication), ("no pg_hba.conf entry", .login),
            ("role \"", .login), ("database \"", .noDatabase),
            ("too many clients", .tooMany), ("connection slots are reserved", .tooMany),
            ("too many connections", .tooMany), ("the database system is", .starting),
            ("read-only", .readOnly), ("hot standby", .readOnly), ("could not translate host name", .name),
            ("Connection refused", .refused), ("No such file or directory", .refused),
            ("SSL", .tls), ("certificate", .tls),
        ]
        self = hints.first { Self.contains(message, $0.0) }?.1 ?? .other
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}

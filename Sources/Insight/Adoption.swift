import Delivery
import Foundation
public import Postgres
import Schema

/// What an operator sees before workers may send from a database that was restored, copied or moved.
public struct AdoptionReport: Sendable, Encodable, Equatable {
    /// Jobs of one category that workers will do one thing with.
    public struct Line: Sendable, Codable, Equatable {
        public var what: String
        /// Nil where it is not known.
        public var category: String?
        public var count: Int
    }

    /// The word for why nothing is sent; nil when workers may send.
    public var displacement: String?
    /// The same as a sentence.
    public var cause: String?
    public var lines: [Line]
    /// What the providers' lists said, as a sentence.
    public var witness: String
}

/// Reads the report, and adopts.
public struct Adoption: Sendable {
    private let database: PostgresPool
    /// It counts every job that waits.
    private static let deadline = Duration.seconds(300)

    public init(_ database: PostgresPool) {
        self.database = database
    }

    public func report() async throws(PostgresError) -> AdoptionReport {
        let row = try await database.fetch(.adoptionReport, deadline: Self.deadline)[0]
        let word = try row.optionalString("displacement")
        let json = Data(try row.string("report").utf8)
        return AdoptionReport(
            displacement: word, cause: word.map { Displacement(word: $0).cause },
            lines: (try? JSONDecoder().decode([AdoptionReport.Line].self, from: json)) ?? [],
            witness: Self.witness(
                isRead: try row.bool("is_witnessed"), isWhole: try row.optionalBool("is_whole") ?? false,
                fault: try row.optionalString("fault")))
    }

    /// Audited under the login's name.
    /// - Returns: what follows, in words.
    public func adopt(because reason: String) async throws(PostgresError) -> String {
        try await database.fetch(.adopt, [.text(reason)], deadline: Self.deadline).first?.string("result") ?? ""
    }

    private static func witness(isRead: Bool, isWhole: Bool, fault: String?) -> String {
        if let fault { return "A provider's list could not be read, so messages may be missing here: \(fault)." }
        guard isRead else {
            return "Nobody has read the providers' lists yet. Start a worker: it reads them, and sends nothing."
        }
        return isWhole
            ? "The providers' lists were read to the moment where this database ends."
            : "The providers' lists were read in part: there may be more messages that this database does not know."
    }
}

extension Statement {
    static let adopt = Schema.statement("adopt")
    static let adoptionReport = Schema.statement("adoption_report")
}

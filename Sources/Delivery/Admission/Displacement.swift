/// Why nothing may be sent from a database: it may not be the one from which everything so far was sent.
///
/// A raw value is what `outrider.displacement()` answers.
public enum Displacement: String, Sendable, Hashable, CaseIterable {
    /// Its tables are on a server that it was not on before.
    case anotherServer = "another_server"
    /// The same server has it under another number: a copy.
    case anotherDatabase = "another_database"
    /// Its rows came from a backup.
    case restoredRows = "restored_rows"
    /// The log went back to an earlier timeline: files were put back.
    case timelineBehind = "timeline_behind"
    /// A worker remembers more than it holds.
    case forgetful
    /// The providers took messages that it does not know.
    case unknownMessages = "unknown_messages"
    /// A standby was promoted, or a backup was rolled forward. Workers find out which, and go on by themselves.
    case promoted
    /// A word that this version does not know.
    case other

    public init(word: String) { self = Displacement(rawValue: word) ?? .other }

    /// For an operator: what was found.
    public var cause: String {
        switch self {
        case .anotherServer: "this database is on another server than before: it was restored or moved"
        case .anotherDatabase: "this database is a copy of the one that sent before"
        case .restoredRows: "the rows of this database come from a backup"
        case .timelineBehind: "this server's log is at an earlier timeline than before: files were put back"
        case .forgetful: "this database has forgotten what it had confirmed to a worker"
        case .unknownMessages: "a provider lists messages that this database does not know"
        case .promoted: "this server was promoted, and no worker could find out yet whether anything is missing"
        case .other: "this database may not be the one that sent before"
        }
    }

    /// For an operator: what to do.
    public var remedy: String {
        switch self {
        case .promoted:
            "Leave a worker with the providers' accounts running: it looks whether anything is missing, and goes on by itself. "
                + "If it lasts, see `outrider adopt`."
        case .anotherServer, .anotherDatabase, .restoredRows, .timelineBehind, .forgetful, .unknownMessages, .other:
            Self.remedy
        }
    }

    public static let remedy =
        "Make sure that no other copy is in use. See what would be sent with `outrider adopt`, then confirm with --reason."
}

/// Whether a fleet goes on by itself after a promotion.
public enum PromotionRuling: Sendable, Hashable {
    case goOn
    /// Not known yet: look again.
    case wait
    /// Something is missing: an operator decides.
    case doubt(Displacement)

    /// What the providers' lists said of messages that the database does not know.
    public enum Witness: Sendable, Hashable {
        case found(unknown: Int)
        /// Nobody has read the lists yet, or no list can be had.
        case silent(isGivenUp: Bool)
    }

    /// A failover loses nothing, or little. A backup that was rolled forward to an earlier moment looks the same from
    /// inside, so somebody outside must say that nothing is missing. That is the providers, or a worker that was there
    /// before.
    ///
    /// - Parameter remembers: whether a worker found again all that it was told before the promotion; nil for one that
    ///   started afterwards.
    public init(remembers: Bool?, witness: Witness) {
        switch (remembers, witness) {
        case (false, _): self = .doubt(.forgetful)
        case (_, .found(let unknown)): self = unknown > 0 ? .doubt(.unknownMessages) : .goOn
        case (true, .silent(isGivenUp: true)): self = .goOn
        case (true, .silent(isGivenUp: false)), (nil, .silent): self = .wait
        }
    }
}

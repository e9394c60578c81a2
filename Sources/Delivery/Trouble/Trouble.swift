/// Something that keeps messages from being sent, or what comes in from being stored: what it is, where, since when, and what
/// an operator does about it. Log, metrics, operator page, `status`, `doctor` and `readyz` all show these and nothing else.
public struct Trouble: Sendable, Hashable, Codable {
    public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
        /// The database does not answer this process.
        case databaseUnreachable = "database_unreachable"
        /// The database takes no writes: a standby, or set to read only.
        case databaseReadOnly = "database_read_only"
        /// A write was refused: the disk is full, or something else of the server's.
        case writesRefused = "writes_refused"
        /// The schema is older than the program needs.
        case schemaTooOld = "schema_too_old"
        /// The schema is newer than the program knows.
        case schemaTooNew = "schema_too_new"
        /// Something is due, and no worker is alive.
        case noWorker = "no_worker"
        /// A provider refuses a sender, or the account.
        case senderPaused = "sender_paused"
        /// No sender of a channel may send.
        case channelStopped = "channel_stopped"
        /// The certificate of a provider's server is not trusted, or TLS fails otherwise.
        case tlsFails = "tls_fails"
        /// No connection to a provider, or no answer.
        case providerUnreachable = "provider_unreachable"
        /// A provider answers with errors of its own, or with what is no answer of its API.
        case providerFails = "provider_fails"
        /// A provider takes no more requests at present (HTTP 429).
        case providerLimits = "provider_limits"
        /// The database may not be the one that sent before: nothing is sent until an operator adopts it.
        case databaseDisplaced = "database_displaced"
        /// A campaign paused by itself, because too much of it failed or its budget is reached.
        case campaignStopped = "campaign_stopped"
        /// Few one-time passwords to a block of numbers arrive: somebody may earn by them.
        case prefixPumped = "prefix_pumped"
        /// Jobs are sealed with a key that a worker does not have: they wait.
        case sealKeyMissing = "seal_key_missing"
    }

    public var cause: Cause
    /// What it is about: a sender, a channel, a provider, a campaign; empty for all of Outrider.
    public var scope: String
    /// What was seen, such as the provider's code and what it means.
    public var detail: String
    public var remedy: String
    /// For how long it has lasted.
    public var seconds: Double

    public init(_ cause: Cause, of scope: String = "", detail: String, remedy: String? = nil, seconds: Double = 0) {
        self.cause = cause
        self.scope = scope
        self.detail = detail
        self.remedy = remedy ?? cause.remedy
        self.seconds = seconds
    }

    /// The scope of refused writes where only a trial was refused: rows that find room in old pages may still be stored.
    public static let newPages = "new pages"

    /// Two of one key are the same trouble at different times.
    public struct Key: Sendable, Hashable {
        public var cause: Cause
        public var scope: String
    }

    public var key: Key { Key(cause: cause, scope: scope) }

    /// One sentence: what, where, and what was seen.
    public var text: String { "\(cause.words)\(scope.isEmpty ? "" : " (\(scope))"): \(detail)" }
}

extension Trouble.Cause {
    public var words: String {
        switch self {
        case .databaseUnreachable: "the database does not answer"
        case .databaseReadOnly: "the database takes no writes"
        case .writesRefused: "the database refuses a write"
        case .schemaTooOld: "the schema is older than this program"
        case .schemaTooNew: "the schema is newer than this program"
        case .noWorker: "no worker is alive, and messages are due"
        case .senderPaused: "the provider refuses a sender"
        case .channelStopped: "no sender of a channel may send"
        case .tlsFails: "the provider's certificate is not trusted"
        case .providerUnreachable: "the provider cannot be reached"
        case .providerFails: "the provider answers with errors"
        case .providerLimits: "the provider takes no more requests at present"
        case .databaseDisplaced: "nothing is sent from this database until it is adopted"
        case .campaignStopped: "a campaign paused by itself"
        case .prefixPumped: "one-time passwords to a block of numbers do not arrive"
        case .sealKeyMissing: "jobs are sealed with a key that is not here"
        }
    }

    public var remedy: String {
        switch self {
        case .databaseUnreachable:
            "Check that PostgreSQL runs and that OUTRIDER_DATABASE_URL leads to it; `outrider doctor` looks closer."
        case .databaseReadOnly:
            "Name the primary, or add target_session_attrs=read-write to OUTRIDER_DATABASE_URL; end default_transaction_read_only."
        case .writesRefused: "Make room on the database's disk, or mend what PostgreSQL's own log names."
        case .schemaTooOld: "Run `outrider migrate` of this version as the database's owner."
        case .schemaTooNew: "Install the version of Outrider that migrated the database, on every host."
        case .noWorker: "Start `outrider work`; its log and its exit code say why it ended."
        case .senderPaused:
            "Mend what the code names at the provider; the sender is tried again every 30 s. Runbook: A sender is paused."
        case .channelStopped: "Mend or enable a sender of this channel in outrider.senders, or add one."
        case .tlsFails:
            "Check this host's CA certificates (package ca-certificates), its clock, and proxies that replace certificates."
        case .providerUnreachable:
            "Check this host's DNS, routes and firewall, the address if you set one, and the provider's status page."
        case .providerFails:
            "See the provider's status page. Check that the address, if you set one, leads to the provider's API and not to a proxy."
        case .providerLimits:
            "The workers try again by themselves. If it lasts, lower rate_per_second in outrider.senders or have the account's limits raised."
        case .databaseDisplaced: Displacement.remedy
        case .campaignStopped:
            "See `outrider campaign report NAME`. Mend it, then `outrider campaign resume NAME`; or cancel it."
        case .sealKeyMissing:
            "Add the key of this id to OUTRIDER_SEAL_KEYS of every worker and restart them; the jobs wait. See `outrider seal status`."
        case .prefixPumped:
            "Look at who asks for them. select outrider.lift_prefix_stop('PREFIX') lets them go; set_pumping_guard('enforce') stops what is only noted."
        }
    }
}

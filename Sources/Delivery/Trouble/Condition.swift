/// What is known of a running Outrider. It says what is in trouble, and is the only place that does.
public struct Condition: Sendable, Hashable {
    public struct Sender: Sendable, Hashable, Codable {
        public var name: String
        public var channel: Channel
        public var isEnabled: Bool
        /// For how long it has been paused; nil when it is not.
        public var pausedSeconds: Double?
        /// The provider's code that paused it, when a provider did.
        public var code: String?
        /// What the code means; or why a person paused it.
        public var meaning: String

        public init(
            name: String, channel: Channel, isEnabled: Bool = true, pausedSeconds: Double? = nil, code: String? = nil,
            meaning: String = ""
        ) {
            self.name = name
            self.channel = channel
            self.isEnabled = isEnabled
            self.pausedSeconds = pausedSeconds
            self.code = code
            self.meaning = meaning
        }

        public var isPaused: Bool { isEnabled && pausedSeconds != nil }
    }

    /// What processes say that they meet.
    public struct Report: Sendable, Hashable {
        public var cause: Trouble.Cause
        public var scope: String
        public var detail: String
        public var processes: Int
        public var seconds: Double

        public init(cause: Trouble.Cause, scope: String, detail: String, processes: Int = 1, seconds: Double) {
            self.cause = cause
            self.scope = scope
            self.detail = detail
            self.processes = processes
            self.seconds = seconds
        }
    }

    /// A campaign that its failures have paused.
    public struct StoppedCampaign: Sendable, Hashable {
        public var name: String
        public var reason: String
        public var seconds: Double

        public init(name: String, reason: String, seconds: Double) {
            self.name = name
            self.reason = reason
            self.seconds = seconds
        }
    }

    /// A block of numbers that looks pumped.
    public struct PumpedPrefix: Sendable, Hashable {
        /// Digits, the calling code first.
        public var prefix: String
        public var messages: Int
        public var arrived: Int
        /// Whether it gets no one-time password now; else that was only noted.
        public var isStopped: Bool
        public var seconds: Double

        public init(prefix: String, messages: Int, arrived: Int, isStopped: Bool, seconds: Double = 0) {
            self.prefix = prefix
            self.messages = messages
            self.arrived = arrived
            self.isStopped = isStopped
            self.seconds = seconds
        }

        var trouble: Trouble {
            let effect = isStopped ? "none is sent there now" : "they are sent all the same"
            return Trouble(
                .prefixPumped, of: "+\(prefix)", detail: "of \(messages) \(arrived) arrived; \(effect)",
                seconds: seconds)
        }
    }

    public var isReadOnly: Bool
    /// Why nothing may be sent from this database; nil when workers may send.
    public var displacement: Displacement?
    /// The newest migration of the database, and of this program.
    public var schema: Int
    public var knownSchema: Int
    /// Workers whose heart beats.
    public var workers: Int
    /// How late the oldest due row is.
    public var overdueSeconds: Double
    public var senders: [Sender]
    public var reports: [Report]
    public var campaigns: [StoppedCampaign]
    public var prefixes: [PumpedPrefix]

    public init(
        isReadOnly: Bool = false, displacement: Displacement? = nil, schema: Int, knownSchema: Int, workers: Int,
        overdueSeconds: Double = 0,
        senders: [Sender] = [], reports: [Report] = [], campaigns: [StoppedCampaign] = [],
        prefixes: [PumpedPrefix] = []
    ) {
        self.isReadOnly = isReadOnly
        self.displacement = displacement
        self.schema = schema
        self.knownSchema = knownSchema
        self.workers = workers
        self.overdueSeconds = overdueSeconds
        self.senders = senders
        self.reports = reports
        self.campaigns = campaigns
        self.prefixes = prefixes
    }

    /// A due row that is late by less may be taken at this moment.
    private static let patience = 5.0

    /// What is in trouble, the whole before its parts.
    public var troubles: [Trouble] {
        installation + channels + senders.compactMap(Self.trouble) + reported
            + campaigns.map { Trouble(.campaignStopped, of: $0.name, detail: $0.reason, seconds: $0.seconds) }
            + prefixes.map(\.trouble)
    }

    private var installation: [Trouble] {
        var troubles: [Trouble] = []
        if isReadOnly { troubles.append(Trouble(.databaseReadOnly, detail: "it is a standby, or set to read only")) }
        if let displacement {
            troubles.append(Trouble(.databaseDisplaced, detail: displacement.cause, remedy: displacement.remedy))
        }
        if schema != knownSchema {
            let detail = "the database is at migration \(schema), this program at \(knownSchema)"
            troubles.append(Trouble(schema < knownSchema ? .schemaTooOld : .schemaTooNew, detail: detail))
        }
        if workers == 0, overdueSeconds >= Self.patience {
            let detail = "the oldest due row is \(Int(overdueSeconds)) s late"
            troubles.append(Trouble(.noWorker, detail: detail, seconds: overdueSeconds))
        }
        return troubles
    }

    private var channels: [Trouble] {
        Channel.allCases.compactMap { channel in
            let senders = senders.filter { $0.channel == channel }
            guard !senders.isEmpty, senders.allSatisfy({ !$0.isEnabled || $0.isPaused }) else { return nil }
            let paused = senders.filter(\.isPaused)
            return Trouble(
                .channelStopped, of: channel.rawValue,
                detail: paused.isEmpty
                    ? "every sender is disabled" : "\(paused.count) paused, \(senders.count - paused.count) disabled",
                seconds: paused.compactMap(\.pausedSeconds).min() ?? 0)
        }
    }

    private static func trouble(_ sender: Sender) -> Trouble? {
        guard sender.isEnabled, let seconds = sender.pausedSeconds else { return nil }
        guard let code = sender.code else {
            return Trouble(
                .senderPaused, of: sender.name, detail: sender.meaning.isEmpty ? "paused by hand" : sender.meaning,
                remedy: "Set paused_until to null in outrider.senders to let it go on.", seconds: seconds)
        }
        return Trouble(
            .senderPaused, of: sender.name,
            detail: "code \(code)\(sender.meaning.isEmpty ? "" : ": \(sender.meaning)")",
            remedy: Credentials(code: code, channel: sender.channel)?.remedy, seconds: seconds)
    }

    private var reported: [Trouble] {
        reports.map { report in
            let who = report.processes == 1 ? "1 worker" : "\(report.processes) workers"
            return Trouble(
                report.cause, of: report.scope,
                detail: "\(report.detail), says \(who) of \(max(workers, report.processes))",
                seconds: report.seconds)
        }
    }
}

/// Codes that say: not this sender, but our credentials are wrong.
private struct Credentials {
    let remedy: String

    init?(code: String, channel: Channel) {
        guard ["20003", "http_401"].contains(code) else { return nil }
        remedy =
            channel.isPhone
            ? "Give the right TWILIO_ACCOUNT_SID, TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET; `outrider doctor` tries them. "
                + "Then restart the workers."
            : "Give a SENDGRID_API_KEY that has Mail Send access; `outrider doctor` tries it. Then restart the workers."
    }
}

/// Why a provider's word paused a sender, as `senders.paused_reason` keeps it.
struct PauseReason: Sendable, Hashable, CustomStringConvertible {
    var code: String
    var job: Int

    init(code: String, job: Int) {
        self.code = code
        self.job = job
    }

    /// Nil for what a person wrote.
    init?(_ text: String) {
        guard let match = text.wholeMatch(of: /the provider said (\S+) of job (\d+)/), let job = Int(match.2) else {
            return nil
        }
        self.init(code: String(match.1), job: job)
    }

    var description: String { "the provider said \(code) of job \(job)" }
}

extension Condition.Sender {
    /// The code of the provider that a pause is for; nil when a person paused the sender.
    public static func code(ofPause reason: String) -> String? { PauseReason(reason)?.code }
}

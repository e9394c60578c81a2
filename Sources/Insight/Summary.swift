import Delivery

/// Where everything stands: what the operator page, the metrics and `outrider status` show.
public struct Summary: Sendable, Codable, Equatable {
    /// Jobs in one state.
    public struct StateCount: Sendable, Codable, Equatable {
        /// `queued`, `scheduled`, `sending`, `waiting`, `reconciling`, `deciding` or `held`.
        public var state: String
        public var count: Int
    }

    /// Jobs that ended one way.
    public struct OutcomeCount: Sendable, Codable, Equatable {
        public var outcome: String
        /// The channel of the last step; empty when none was begun.
        public var channel: String
        public var count: Int
    }

    /// Due rows of one reason.
    public struct DueCount: Sendable, Codable, Equatable {
        /// `dispatch`, `decide`, `receipt` or `reconcile`.
        public var reason: String
        /// False when its time has come.
        public var isLater: Bool
        public var count: Int
    }

    /// One channel's suppressions in force.
    public struct SuppressionCount: Sendable, Codable, Equatable {
        public var channel: String
        public var count: Int
    }

    /// What could not be known in the last 24 hours, and what became of it.
    public struct Doubts: Sendable, Codable, Equatable {
        /// Sends nobody could account for at first, of one channel.
        public struct Count: Sendable, Codable, Equatable {
            /// `unknown`: no readable answer. `lost`: the worker died before it recorded one.
            public var answer: String
            public var channel: String
            public var count: Int
        }

        public var unknown: [Count]
        /// By how each was resolved: `callback`, `listing`, `answer` (of a worker taken for dead), or the policy's
        /// `resend`, `next`, `hold`, `end`.
        public var resolved: [String: Int]
        /// Attempts that were repeated and then turned out to have been taken.
        public var duplicates: Int
        /// Steps that arrived after the next one had begun.
        public var wastedEscalations: Int

        public static let ways = JobEvent.Resolution.allCases.map(\.rawValue)
        public static let none = Doubts(unknown: [], resolved: [:], duplicates: 0, wastedEscalations: 0)
    }

    /// A worker whose heartbeat is younger than a minute.
    public struct Worker: Sendable, Codable, Equatable {
        public var id: String
        public var host: String
        public var version: String
        public var state: String
        public var heartbeatAgeSeconds: Double
    }

    /// The number of this database among those of one fleet; nil for 0, as where there is one database alone.
    public var shard: Int?
    /// Jobs that have not ended, by state, in the order of a job's life.
    public var states: [StateCount]
    /// Jobs that ended in the last 24 hours.
    public var outcomes: [OutcomeCount]
    public var due: [DueCount]
    public var held: Int
    public var workers: [Worker]
    /// How late the oldest due row is, in seconds; nil when none is.
    public var oldestOverdueSeconds: Double?
    /// For how long it is not known what people wrote, STOP included, to the number furthest behind; nil when none is known
    /// to be ours. Under a minute while gateways serve.
    public var unheardSeconds: Double?
    public var suppressions: [SuppressionCount]
    public var doubts: Doubts
    /// The newest jobs, newest first.
    public var recentJobs: [JobLine]

    init(
        shard: Int = 0, outcomes: [OutcomeCount], due: [DueCount], leased: Int, held: Int, workers: [Worker],
        oldestOverdueSeconds: Double?, unheardSeconds: Double?, suppressions: [SuppressionCount],
        doubts: Doubts = .none, recentJobs: [JobLine]
    ) {
        self.shard = shard == 0 ? nil : shard
        self.outcomes = outcomes
        self.due = due
        self.held = held
        self.workers = workers
        self.oldestOverdueSeconds = oldestOverdueSeconds
        self.unheardSeconds = unheardSeconds
        self.suppressions = suppressions
        self.doubts = doubts
        self.recentJobs = recentJobs
        let count = { (reason: DueReason, isLater: Bool?) in
            due.filter { $0.reason == reason.rawValue && (isLater == nil || $0.isLater == isLater) }.reduce(0) {
                $0 + $1.count
            }
        }
        states = [
            StateCount(state: JobState.scheduled.rawValue, count: count(.dispatch, true)),
            StateCount(state: JobState.queued.rawValue, count: count(.dispatch, false)),
            StateCount(state: JobState.sending.rawValue, count: leased),
            StateCount(state: JobState.waiting.rawValue, count: count(.receipt, nil)),
            StateCount(state: "reconciling", count: count(.reconcile, nil)),
            StateCount(state: "deciding", count: count(.decide, nil)),
            StateCount(state: JobState.held.rawValue, count: held),
        ]
    }
}

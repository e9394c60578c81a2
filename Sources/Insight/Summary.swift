public import Delivery

/// Where everything stands: what the operator page, the metrics and `outrider status` show.
///
/// A count is exact up to a bound. Beyond it `isExact` is false, and there are at least so many.
public struct Summary: Sendable, Codable, Equatable {
    /// Jobs in one state.
    public struct StateCount: Sendable, Codable, Equatable {
        /// `scheduled`, `queued`, `deferred`, `sending`, `waiting`, `reconciling`, `deciding` or `held`.
        public var state: String
        public var count: Int
        public var isExact: Bool
    }

    /// Jobs that ended one way.
    public struct OutcomeCount: Sendable, Codable, Equatable {
        public var outcome: String
        /// The channel of the last step; empty when none was begun.
        public var channel: String
        public var count: Int
        public var isExact: Bool
    }

    /// Jobs with a due row of one reason.
    public struct DueCount: Sendable, Codable, Equatable {
        /// `dispatch`, `resume`, `decide`, `receipt` or `reconcile`.
        public var reason: String
        /// False when its time has come.
        public var isLater: Bool
        public var count: Int
        public var isExact: Bool
    }

    /// One channel's suppressions in force. Many are counted by a worker every ten minutes.
    public struct SuppressionCount: Sendable, Codable, Equatable {
        public var channel: String
        public var count: Int
        public var isExact: Bool
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
        public var isExact = true

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

    /// A part of the summary, by its name in JSON.
    public enum Part: String, Sendable, Codable, Equatable, CaseIterable {
        case outcomes, due, sending, held, workers, overdue, unheard, suppressions, doubts
        case recentJobs = "recent_jobs"
    }

    /// The number of this database among those of one fleet; nil for 0, as where there is one database alone.
    public var shard: Int?
    /// Why nothing may be sent from this database: a word of `Displacement`; nil when workers may send.
    public var displacement: String?
    /// Jobs that had no due row and got it back, since the beginning.
    public var strays = 0
    /// What keeps messages from being sent; empty when nothing does.
    public var troubles: [Trouble] = []
    /// Who sends, and who is paused.
    public var senders: [Condition.Sender] = []
    /// Jobs that have not ended, by state, in the order of a job's life.
    public var states: [StateCount] = []
    /// Jobs that ended in the last 24 hours.
    public var outcomes: [OutcomeCount] = []
    public var due: [DueCount] = []
    public var held = 0
    public var workers: [Worker] = []
    /// How late the oldest due row is, in seconds; nil when none is.
    public var oldestOverdueSeconds: Double?
    /// For how long it is not known what people wrote, STOP included, to the number furthest behind; nil when none is known
    /// to be ours. Under a minute while gateways serve.
    public var unheardSeconds: Double?
    public var suppressions: [SuppressionCount] = []
    public var doubts = Doubts.none
    /// The newest jobs, newest first.
    public var recentJobs: [JobLine] = []
    /// What could not be read in time, and is left out.
    public var uncounted: [Part] = []

    /// Jobs by state, from what is due, what workers are at, and what is held.
    static func states(due: [DueCount]?, sending: Int?, held: (count: Int, isExact: Bool)?) -> [StateCount] {
        let state = { (name: String, reasons: [DueReason], isLater: Bool?) -> StateCount? in
            guard let due else { return nil }
            let of = due.filter { count in
                reasons.contains { $0.rawValue == count.reason } && (isLater == nil || count.isLater == isLater)
            }
            return StateCount(
                state: name, count: of.reduce(0) { $0 + $1.count }, isExact: of.allSatisfy(\.isExact))
        }
        let states = [
            state(JobState.scheduled.rawValue, [.dispatch], true),
            state(JobState.queued.rawValue, [.dispatch, .resume], false),
            state(JobState.deferred.rawValue, [.resume], true),
            sending.map { StateCount(state: JobState.sending.rawValue, count: $0, isExact: true) },
            state(JobState.waiting.rawValue, [.receipt], nil), state("reconciling", [.reconcile], nil),
            state("deciding", [.decide], nil),
            held.map { StateCount(state: JobState.held.rawValue, count: $0.count, isExact: $0.isExact) },
        ]
        return states.compactMap(\.self)
    }
}

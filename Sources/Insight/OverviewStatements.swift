import Postgres
import Schema

extension Statement {
    static let installation = Schema.statement("installation")
    static let dueCounts = Schema.statement("due_counts")
    static let oldestOverdue = Schema.statement("oldest_overdue")
    static let outcomeCounts = Schema.statement("outcome_counts")
    static let heldCount = Schema.statement("held_count")
    static let doubtCounts = Schema.statement("doubt_counts")
    static let leasedCount = Schema.statement("leased_count")
    static let unheard = Schema.statement("unheard")
    static let suppressionCounts = Schema.statement("suppression_counts")
    static let liveWorkers = Schema.statement("live_workers")
    static let recentJobs = Schema.statement("recent_jobs")
    static let jobByID = Schema.statement("job_by_id")
    static let timeline = Schema.statement("timeline")
    static let schemaAnswers = Schema.statement("schema_answers")
    static let condition = Schema.statement("condition")
    static let senderStates = Schema.statement("sender_states")
    static let meaning = Schema.statement("meaning")
    static let reportedTroubles = Schema.statement("reported_troubles")
    static let heldJobs = Schema.statement("held_jobs")
    static let releaseHeld = Schema.statement("release_held")
}

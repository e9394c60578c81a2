import Postgres
import Schema

extension Statement {
    static let storeReceipts = Schema.statement("store_receipts")
    static let findAttempts = Schema.statement("find_attempts")
    static let liftSuppressions = Schema.statement("lift_suppressions")
    static let lockWords = Schema.statement("lock_words")
    static let storeInbound = Schema.statement("store_inbound")
    static let storeSuppressions = Schema.statement("store_suppressions")
}

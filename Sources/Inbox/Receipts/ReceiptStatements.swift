import Postgres
import Schema

extension Statement {
    static let storeReceipts = Schema.statement("store_receipts")
    static let lockWords = Schema.statement("lock_words")
    static let storeInbound = Schema.statement("store_inbound")
    static let storeSuppressions = Schema.statement("store_suppressions")
}

import Postgres
import Schema

extension Statement {
    static let watchNumbers = Schema.statement("watch_numbers")
    static let claimCatchUp = Schema.statement("claim_catch_up")
    static let keepCatchUp = Schema.statement("keep_catch_up")
    static let putOffCatchUp = Schema.statement("put_off_catch_up")
    static let hastenReceipts = Schema.statement("hasten_receipts")
}

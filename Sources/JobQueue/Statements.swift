import Postgres
import Schema

/// The statements of the queue: their texts are in `sql/statements`.
extension Statement {
    static let look = Schema.statement("look")
    static let take = Schema.statement("take")
    static let dropDue = Schema.statement("drop_due")
    static let beginSends = Schema.statement("begin_sends")
    static let leaseLooks = Schema.statement("lease_looks")
    static let holdFirst = Schema.statement("hold_first")
    static let holdRows = Schema.statement("hold_rows")
    static let record = Schema.statement("record")
    static let rescue = Schema.statement("rescue")
    static let withdraw = Schema.statement("withdraw")
    static let reroute = Schema.statement("reroute")
    static let ownLeases = Schema.statement("own_leases")
    static let capRoom = Schema.statement("cap_room")
    static let judgePrefixes = Schema.statement("judge_prefixes")
    static let countCaps = Schema.statement("count_caps")
    static let dropCapUses = Schema.statement("drop_cap_uses")
    static let dropSettledSends = Schema.statement("drop_settled_sends")
    static let dropOldWindows = Schema.statement("drop_old_windows")
    static let registerWorker = Schema.statement("register_worker")
    static let heartbeat = Schema.statement("heartbeat")
    static let removeWorker = Schema.statement("remove_worker")
    static let errorCodes = Schema.statement("error_codes")
    static let clock = Schema.statement("clock")
    static let createPartitions = Schema.statement("create_partitions")
    static let adoptSend = Schema.statement("adopt_send")
    static let suppress = Schema.statement("suppress")
    static let senderRefused = Schema.statement("sender_refused")
    static let sendersGotThrough = Schema.statement("senders_got_through")
}

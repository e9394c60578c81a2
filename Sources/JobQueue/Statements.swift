import Postgres
import Schema

extension Statement {
    static let registerWorker = Schema.statement("register_worker")
    static let heartbeat = Schema.statement("heartbeat")
    static let removeWorker = Schema.statement("remove_worker")
    static let errorCodes = Schema.statement("error_codes")
    static let clock = Schema.statement("clock")
    static let createPartitions = Schema.statement("create_partitions")
    static let adoptSend = Schema.statement("adopt_send")
    static let suppress = Schema.statement("suppress")
    static let pauseSender = Schema.statement("pause_sender")
}

import Postgres
import Schema

extension Statement {
    static let serverAnswers = Schema.statement("server_answers")
    static let jobOfKey = Schema.statement("job_of_key")
    static let insertDevelopmentSenders = Schema.statement("insert_development_senders")
    static let setShard = Schema.statement("set_shard")
    static let doctorServer = Schema.statement("doctor_server")
    static let doctorRoles = Schema.statement("doctor_roles")
    static let doctorSettings = Schema.statement("doctor_settings")
    static let doctorPublications = Schema.statement("doctor_publications")
    static let doctorSenders = Schema.statement("doctor_senders")
}

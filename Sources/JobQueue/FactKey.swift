/// What makes a fact the same fact: the primary key of `events`.
struct FactKey: Hashable {
    private var jobID: Int
    private var generation: Int
    private var kind: NewEvent.Kind
    private var status: String

    init(_ event: NewEvent) {
        jobID = event.jobID
        generation = event.generation
        kind = event.kind
        status = event.status
    }
}

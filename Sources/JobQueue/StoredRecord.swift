import Delivery

/// What several records add, each event once.
struct RecordedRows {
    private(set) var events: [RecordedEvent] = []
    private(set) var dueRows: [(row: NewDueRow, fence: EventKey?)] = []

    init(_ records: [Record]) {
        var keys: Set<EventKey> = []
        for record in records {
            let new = record.events.filter { keys.insert($0.key).inserted }
            events += new
            guard let row = record.dueRow else { continue }
            if let fence = record.fence, !new.contains(where: { $0.key == fence }) { continue }
            dueRows.append((row, record.fence))
        }
    }
}

/// An event as the record statement reads it; the keys become snake case.
struct StoredFact: Encodable {
    var jobID: Int
    var generation: Int
    var kind: String
    var status: String
    var step: Int?
    var ladderID: Int?
    var channel: String?
    var senderID: Int?
    var code: String?
    var `class`: String?
    var level: String?
    var providerID: String?
    var worker: String
    var reason: String?
    var detail: [String: Int]?

    init(_ event: RecordedEvent, worker: String) {
        let columns = event.columns
        jobID = event.jobID
        generation = event.generation
        kind = columns.kind
        status = columns.status
        step = event.step
        ladderID = event.ladderID
        channel = event.channel?.rawValue
        senderID = event.senderID
        code = columns.code
        `class` = columns.failure
        level = columns.level
        providerID = columns.providerID
        self.worker = worker
        reason = columns.reason
        detail = columns.detail.isEmpty ? nil : columns.detail
    }
}

/// A due row as the record statement reads it; the keys become snake case.
struct StoredDueRow: Encodable {
    var jobID: Int
    var atUs: Int64
    var reason: String
    var step: Int
    var generation: Int
    var ladderID: Int?
    var channel: String
    var fenceGeneration: Int?
    var fenceKind: String?
    var fenceStatus: String?

    init(_ dueRow: NewDueRow, fence: EventKey?) {
        jobID = dueRow.jobID
        atUs = dueRow.at.microseconds
        reason = dueRow.reason.rawValue
        step = dueRow.step
        generation = dueRow.generation
        ladderID = dueRow.ladderID
        channel = dueRow.channel.rawValue
        fenceGeneration = fence?.generation
        fenceKind = fence?.kind
        fenceStatus = fence?.status
    }
}

import Delivery

/// One row of `events` as the history of a taken job carries it: a list, in the order in which `outrider.job_facts` writes
/// it. A later release may put more behind it.
struct EventRow {
    private let columns: [JSON]

    /// - Throws: `StoreError.unreadable` when the text is no list of rows.
    static func events(_ text: String, of job: Int) throws(StoreError) -> [RecordedEvent] {
        guard let rows = JSON(parsing: Array(text.utf8))?.array else { throw .unreadable("history: not a list") }
        var events: [RecordedEvent] = []
        events.reserveCapacity(rows.count)
        for row in rows {
            guard let event = EventRow(columns: row.array ?? []).event(of: job) else {
                throw .unreadable("history: not a row of events")
            }
            events.append(event)
        }
        return events
    }

    private func event(of job: Int) -> RecordedEvent? {
        guard columns.count >= 11, let generation = columns[0].integer, let kind = columns[1].string,
            let status = columns[2].string, let microseconds = columns[3].integer
        else { return nil }
        return RecordedEvent(
            jobID: job, generation: generation, step: columns[4].integer,
            at: Instant(microseconds: Int64(microseconds)),
            reading: EventColumns(
                kind: kind, status: status, code: columns[5].string, failure: columns[6].string,
                level: columns[7].string, providerID: columns[8].string, token: columns[9].string,
                detail: Self.numbers(columns[10])))
    }

    private static func numbers(_ detail: JSON) -> [String: Int] {
        guard case .object(let members) = detail else { return [:] }
        let numbers = members.compactMap { member in member.value.integer.map { (member.name, $0) } }
        return Dictionary(numbers) { first, _ in first }
    }
}

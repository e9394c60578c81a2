import Delivery
import Postgres

/// What several records add, each event once.
struct RecordedRows {
    private(set) var events: [RecordedEvent] = []
    private(set) var dueRows: [(row: NewDueRow, fence: EventKey?)] = []
    private(set) var settled: [OpenSend] = []
    private(set) var ends: [CallEnd] = []

    init(_ records: [Record]) {
        var keys: Set<EventKey> = []
        for record in records {
            let new = record.events.filter { keys.insert($0.key).inserted }
            events += new
            if let send = record.settled { settled.append(send) }
            ends += record.ends
            guard let row = record.dueRow else { continue }
            if let fence = record.fence, !new.contains(where: { $0.key == fence }) { continue }
            dueRows.append((row, record.fence))
        }
    }
}

extension RecordedRows {
    /// The parameters of the statement `record`.
    func parameters(worker: String, doneLeases: [Int]) -> [Parameter] {
        let columns = events.map(\.columns)
        let rows = dueRows.map(\.row)
        return [
            .intArray(events.map(\.jobID)), .intArray(events.map(\.generation)), .textArray(columns.map(\.kind)),
            .textArray(columns.map(\.status)), .optionalIntArray(events.map(\.step)),
            .optionalIntArray(events.map(\.ladderID)), .textArray(events.map { $0.channel?.rawValue }),
            .optionalIntArray(events.map(\.senderID)), .textArray(columns.map(\.code)),
            .textArray(columns.map(\.failure)), .textArray(columns.map(\.level)),
            .textArray(columns.map(\.providerID)), .textArray(columns.map(\.reason)),
            .textArray(columns.map(\.detailJSON)),
            .intArray(rows.map(\.jobID)), .intArray(rows.map { Int($0.at.microseconds) }),
            .textArray(rows.map(\.reason.rawValue)), .intArray(rows.map(\.step)), .intArray(rows.map(\.generation)),
            .optionalIntArray(rows.map(\.ladderID)), .intArray(rows.map(\.priority)),
            .textArray(rows.map(\.channel.rawValue)),
            .optionalIntArray(dueRows.map(\.fence?.generation)), .textArray(dueRows.map(\.fence?.kind)),
            .textArray(dueRows.map(\.fence?.status)),
            .text(worker), .intArray(doneLeases),
            .intArray(settled.map(\.key.likeness)), .intArray(settled.map(\.jobID)),
            .intArray(settled.map(\.generation)), .boolArray(settled.map(\.isGivenUp)),
            .intArray(ends.map(\.jobID)), .intArray(ends.map(\.generation)), .text(EndReason.notNeeded.rawValue),
        ]
    }
}

extension EventColumns {
    /// The column `detail`: numbers by name, so nothing needs escaping.
    fileprivate var detailJSON: String? {
        guard !detail.isEmpty else { return nil }
        return "{" + detail.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
            + "}"
    }
}

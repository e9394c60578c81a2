import Delivery

/// Any rows of `events`, also those that no release has written: nothing of a row is lost, and what they tell together
/// does not hang on their order.
func checkEvents(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    var events: [RecordedEvent] = []
    var keys: Set<EventKey> = []
    while !input.isEmpty, keys.count < 12 {
        let row = columns(&input)
        let event = RecordedEvent(
            jobID: 1, generation: input.int(in: 0...3), step: input.pick([nil, 0, 1, 2]),
            at: Instant(microseconds: Int64(input.byte())), reading: row)
        try require(event.columns == row, "a row of kind \(row.kind) lost a column")
        // Once written by this release, the event itself says all there is.
        try require(JobEvent(event.event.columns) == event.event, "an event of kind \(row.kind) is read as another one")
        if keys.insert(event.key).inserted { events.append(event) }
    }
    let history = JobHistory(events)
    try require(JobHistory(events.reversed()) == history, "the order of events decides")
    try require(JobHistory(events + events) == history, "an event that is told twice counts twice")
    try checkUnrecognised(events, history)
}

private func checkUnrecognised(_ events: [RecordedEvent], _ history: JobHistory) throws(Violation) {
    let recognised = events.filter { if case .unrecognised = $0.event { false } else { true } }
    try require(JobHistory(recognised) == history, "an event that nobody can read has an effect")
}

private func columns(_ input: inout FuzzInput) -> EventColumns {
    let kinds = JobEvent.Kind.allCases.map(\.rawValue) + ["acknowledged"]
    var columns = EventColumns(kind: input.pick(kinds), status: input.pick(statuses))
    let present = input.byte()
    if present & 1 != 0 { columns.code = input.pick(codes) }
    if present & 2 != 0 { columns.failure = input.pick(FailureClass.allCases.map(\.rawValue) + ["brand_new", ""]) }
    if present & 4 != 0 { columns.level = input.pick(SuccessLevel.allCases.map(\.rawValue) + ["brand_new"]) }
    if present & 8 != 0 { columns.providerID = input.pick(["SM1", "SM2", ""]) }
    if present & 16 != 0 { columns.token = input.pick(["t1", ""]) }
    if present & 32 != 0 { columns.reason = input.line() }
    if present & 64 != 0 { columns.detail[input.pick(["retry_after", "next_step", "until"])] = Int(input.byte()) }
    if present & 128 != 0 { columns.detail["brand_new"] = 1 }
    if present == 255 { (columns.kind, columns.status) = (input.line(), input.line()) }
    return columns
}

private let statuses =
    [
        "taken", "accepted", "refused", "not_sent", "unknown", "lost", "skipped", "decided", "held", "sent", "ended",
        "resolved", "late delivery", "duplicate", "delivered", "undelivered 30003", "",
    ] + ["listing", "unavailable", "unread"].flatMap { [$0, "\($0) 1", "\($0) 02", "\($0) 99999", "\($0)  1"] }
    + ["1", "07", "+3", "-1", "0"]

private let codes: [String] =
    JobEvent.Continuation.allCases.map(\.rawValue) + JobEvent.Resolution.allCases.map(\.rawValue)
    + SkipReason.allCases.map(\.rawValue) + Outcome.allCases.map(\.rawValue) + DeferReason.allCases.map(\.rawValue)
    + ["30003", "brand_new", ""]

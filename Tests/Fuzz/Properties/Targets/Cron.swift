import Delivery

/// Bytes 1 to 8: a time; 9 to 12: a change of the clock near it; then a cron expression. It is taken when the grammar has
/// it, fires after that time, when its fields say so, and at none of the next two days' minutes before.
func checkCron(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let raw = input.int64()
    let change = ClockChange(&input, near: raw)
    let text = input.line()
    let expression: CronExpression
    do {
        expression = try CronExpression(text)
    } catch {
        try require(error.description.utf8.count <= 200, "an error of \(error.description.utf8.count) bytes")
        try require(isDeserved(error, text), "refused: \(error.rule)")
        return
    }
    let again = try? CronExpression(expression.description)
    try require(again == expression && again?.description == expression.description, "reads as another expression")
    guard let wording = CronWording(expression.description) else {
        throw Violation(description: "takes what the grammar does not")
    }
    for start in [Instant(microseconds: raw), change.start] {
        guard let next = expression.next(after: start, on: change.clock) else {
            try require(start.microseconds.magnitude > 8_000_000_000_000_000_000, "never fires")
            continue
        }
        try require(next > start, "fires in the past")
        // The years 1600 to 9000: before and after that, calendars have their own ideas.
        guard (-11_600_000_000_000_000...220_000_000_000_000_000).contains(start.microseconds) else { continue }
        try checkTime(next, change, wording)
        try checkNoneBefore(next, after: start, change, wording)
    }
}

/// What is refused is not in the grammar either; days that never come are in it.
private func isDeserved(_ error: CronError, _ text: String) -> Bool {
    if error.rule == .dayExists || error.rule == .isNotTooLong { return true }
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return true }
    return CronWording(text.uppercased().replacing("\t", with: " ")) == nil
}

/// It fires when the clock shows what the fields say, or at the change that leaves such a time out.
private func checkTime(_ next: Instant, _ change: ClockChange, _ wording: CronWording) throws(Violation) {
    let utc = Int(next.microseconds / 1_000_000)
    try require(next.microseconds % 1_000_000 == 0, "fires within a second")
    let shown = change.shown(utc)
    if shown % 60 == 0, wording.has(shown), wording.isHourly || change.isFirst(utc) { return }
    let isLeftOut = utc == change.at && !wording.isHourly && change.leftOut.contains(where: wording.has)
    try require(isLeftOut, "fires at \(utc), which shows \(shown)")
}

/// Minute by minute for two days, nothing before it would have been right.
private func checkNoneBefore(
    _ next: Instant, after start: Instant, _ change: ClockChange, _ wording: CronWording
) throws(Violation) {
    let first = Int((Double(start.microseconds) / 60_000_000).rounded(.down)) * 60
    let end = min(Int(next.microseconds / 1_000_000), first + 2 * 86_400)
    for utc in stride(from: first, to: end, by: 60) where utc * 1_000_000 > Int(start.microseconds) {
        let isDue = wording.has(change.shown(utc)) && (wording.isHourly || change.isFirst(utc))
        try require(!isDue, "does not fire at \(utc)")
        let isLeftOut = utc == change.at && !wording.isHourly && change.leftOut.contains(where: wording.has)
        try require(!isLeftOut, "forgets what the change at \(utc) leaves out")
    }
}

/// A clock that is set once, by up to a day.
private struct ClockChange {
    /// Seconds since 1970, a whole minute.
    let at: Int
    let before: Int
    let after: Int
    /// A time near the change.
    let start: Instant

    init(_ input: inout FuzzInput, near raw: Int64) {
        // Within 400 years, for the calendar goes round in these.
        at = Int(raw.magnitude % 210_000_000) * 60
        before = input.pick([0, 3_600, -3_600, 20_700, -34_200, 50_400, -43_200])
        after = min(max(before + input.pick([3_600, -3_600, 1_800, -1_800, 0, 86_400, -7_200]), -50_400), 50_400)
        start = Instant(microseconds: Int64(at - input.int(in: -20...200) * 900 - input.int(in: 0...59)) * 1_000_000)
    }

    var clock: WallClock {
        let (at, before, after) = (Int64(at) * 1_000_000, before, after)
        return WallClock { $0.microseconds < at ? before : after }
    }

    func shown(_ utc: Int) -> Int {
        utc + (utc < at ? before : after)
    }

    /// The clock did not show the same at an earlier time.
    func isFirst(_ utc: Int) -> Bool {
        utc < at || shown(utc) >= at + before
    }

    /// What the clock never shows, minute by minute.
    var leftOut: StrideTo<Int> {
        stride(from: at + before, to: at + max(before, after), by: 60)
    }
}

import Delivery

/// No intent of a phone channel is taken in quiet hours, by the clock of the person, whose message they bind.
///
/// It counts minutes by hand, and knows nothing of how the worker finds zones and openings.
struct QuietHoursHold: Checker {
    let name = "quiet-hours-hold"
    let span: QuietSpan?
    private var jobs: [Int: JobRow] = [:]

    init(_ span: QuietSpan?) { self.span = span }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): jobs[job.id] = job
        case .intent(let event, _): return begin(event)
        default: break
        }
        return nil
    }

    private func begin(_ intent: RecordedEvent) -> String? {
        guard let span, let job = jobs[intent.jobID], intent.channel.map({ $0 != .email }) ?? false,
            QuietSpan.categories.contains(job.category)
        else { return nil }
        var minute = (Int(intent.at.microseconds / 1_000_000) + span.ahead) / 60 % 1_440
        // From the minute in which they begin on, so that midnight is in no one's way.
        minute = (minute - span.begins + 1_440) % 1_440
        let length = (span.ends - span.begins + 1_440) % 1_440
        return minute < length ? "\(intent.line): minute \(minute) of quiet hours where the person lives" : nil
    }
}

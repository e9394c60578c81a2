import Insight
import Postgres

/// Keeps the last summary for a moment and reads one at a time, so that looking costs the database the same whoever looks
/// and however often.
actor SummaryCache {
    private let overview: Overview
    private var latest: (summary: Summary, readAt: ContinuousClock.Instant)?
    private var reading: Task<Result<Summary, PostgresError>, Never>?

    init(_ overview: Overview) { self.overview = overview }

    /// A summary read at most `age` ago. Bounded by the overview's own deadline.
    func summary(maximumAge age: Duration) async throws(PostgresError) -> Summary {
        if let latest, latest.readAt + age > .now { return latest.summary }
        let reading = reading ?? startReading()
        return try await reading.value.get()
    }

    /// Awaited by every caller that came while it ran; ends by the overview's deadline.
    private func startReading() -> Task<Result<Summary, PostgresError>, Never> {
        let task = Task {
            let result = await read()
            if case .success(let summary) = result { latest = (summary, .now) }
            reading = nil
            return result
        }
        reading = task
        return task
    }

    private func read() async -> Result<Summary, PostgresError> {
        do throws(PostgresError) {
            return .success(try await overview.summary())
        } catch {
            return .failure(error)
        }
    }
}

import Delivery
public import JobQueue

extension ScheduleTimes {
    /// The most that are told at once.
    static let most = 100_000

    /// The same as `find`, where a zone that nobody knows is refused.
    func times(
        of schedule: Schedule, zone: String, from: Instant, until: Instant? = nil, atMost count: Int
    ) async throws -> [ScheduledTime] {
        guard let times = try await find(of: schedule, zone: zone, from: from, until: until, atMost: count) else {
            throw Failure(
                "refused: time_zone_must_be_known. Write it as PostgreSQL knows it, for example Europe/Warsaw.",
                .refused)
        }
        return times
    }
}

extension ScheduledTime: Encodable {
    private enum CodingKeys: String, CodingKey {
        case nominalUs, nominal, local, firesUs, fires
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let shown = Wall(tick.nominal, offset: offset)
        try container.encode(tick.nominal.microseconds, forKey: .nominalUs)
        try container.encode(Wall.iso(tick.nominal), forKey: .nominal)
        try container.encode("\(shown.date)T\(shown.clock)\(Wall.text(ofOffset: offset))", forKey: .local)
        guard tick.real != tick.nominal else { return }
        try container.encode(tick.real.microseconds, forKey: .firesUs)
        try container.encode(Wall.iso(tick.real), forKey: .fires)
    }
}

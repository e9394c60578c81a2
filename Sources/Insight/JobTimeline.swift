/// One job and everything that happened to it, oldest first.
public struct JobTimeline: Sendable, Codable, Equatable {
    public var job: JobLine
    public var events: [TimelineEntry]
}

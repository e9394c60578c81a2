import Delivery

/// One request to a provider, as the network carries it.
struct Wire: Sendable, CustomStringConvertible {
    var jobID: Int
    var generation: Int
    var channel: Channel
    var to: String
    var from: String
    var text: String
    /// Whether it is text of our own and not a template the provider approved.
    var isFreeForm: Bool
    var token: String
    var process: Int

    var attempt: Database.FactAddress { .init(jobID: jobID, generation: generation) }

    var description: String { "job \(jobID).\(generation) \(channel.rawValue) to \(to) by process \(process)" }
}

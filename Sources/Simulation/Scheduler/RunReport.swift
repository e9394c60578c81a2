/// What came of one run.
public struct RunReport: Sendable {
    /// Broken promises; empty when all is well. A run ends at the first.
    public var alarms: [Alarm]
    /// The same for two runs exactly if they were the same, when asked for.
    public var traceHash: UInt64
    /// Everything that happened, line by line, when asked for.
    public var trace: [String]
    public var jobs: Int
    /// Messages that providers took.
    public var accepted: Int
    /// How much simulated time went by.
    public var simulated: Duration
}

/// Runs one seed.
///
/// - Parameters:
///   - bug: a planted bug, which a checker must find.
///   - focus: a bug that is not planted, in a world like the one in which it would be.
///   - tracing: what the report holds of the trace.
public func simulate(seed: UInt64, bug: PlantedBug? = nil, focus: PlantedBug? = nil, tracing: Tracing = .hash)
    -> RunReport
{
    Simulation(seed: seed, bug: bug, focus: bug ?? focus, tracing: tracing).run()
}

/// A seed that once raised an alarm, and what it had found. Each is run again with every test.
///
/// A seed is one run of one version: when the simulator or the worker draws differently, its run changes. What was found
/// stays found by tests of its own; these seeds go on as ordinary ones.
public struct Regression: Sendable {
    public var seed: UInt64
    public var found: String

    /// In the order of their finding.
    public static let all: [Regression] = [
        .init(seed: 1327, found: "a listing said 21610, and the number was not suppressed"),
        .init(seed: 2721, found: "a listing said 21610, and a call followed"),
        .init(seed: 3584, found: "a listing said 21610, and another job's text followed"),
        .init(seed: 2830, found: "a resend took the message of the attempt it repeats, which a late listing showed"),
        .init(seed: 10259, found: "a call known by its callback only was taken for another job's call"),
        .init(seed: 18825, found: "a mail known by its callback only was taken for another job's mail"),
        .init(seed: 17488, found: "a call known by its callback only was taken for another job's call"),
        .init(seed: 2286, found: "a mail listed late was taken for one just like it that was never sent"),
        .init(seed: 33145, found: "a cancelled job's call, minutes old, was taken for one that was never made"),
        .init(seed: 34846, found: "checker: asked for a takeover when no upkeep came through to the database"),
        .init(seed: 48369, found: "a look at an attempt took the message of the resend that was made meanwhile"),
        .init(seed: 6967, found: "checker: took a worker for dead that had just claimed"),
        .init(seed: 216, found: "checker: an opt-out recorded after the person allowed contact again"),
        .init(seed: 3324, found: "checker: an opt-out recorded after the person allowed contact again"),
        .init(seed: 36, found: "a row that could still not be read after its release was forgotten with its job"),
        .init(seed: 35643, found: "a poll of an earlier step said 21610, and a call to the number followed"),
        .init(seed: 339, found: "a text was taken for another category's, whose worker had died before it was sent"),
        .init(seed: 515, found: "a call was taken for another category's call to the number, open at the same time"),
        .init(seed: 1975, found: "a mail was taken for another category's mail to the address, open at the same time"),
        .init(
            seed: 47154,
            found: "a take that stood still spent a window that was won meanwhile, for an intent of its own time"),
        .init(seed: 26522, found: "the same, with a text of two segments"),
        .init(seed: 6427, found: "a take that stood still for 40 s put its repeat off by as much"),
        .init(seed: 3835, found: "checker: counted an intent whose claim was never answered, so that nothing was sent"),
    ]
}

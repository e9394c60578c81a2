import Testing

@testable import Worker

@Suite("Who may be taken for dead")
struct PulseTests {
    private static let start = ContinuousClock.now
    private static let deadAfter = Duration.seconds(30)
    private static let grace = Duration.seconds(15)

    /// Whether a worker that beat at these seconds judges at the last of them, and some seconds later.
    private func judges(_ beats: Double..., after later: Double = 0) -> Bool {
        var pulse = Pulse(at: Self.start)
        for beat in beats { pulse.beat(at: Self.start + .seconds(beat), deadAfter: Self.deadAfter) }
        return pulse.mayJudge(at: Self.start + .seconds((beats.last ?? 0) + later), grace: Self.grace)
    }

    @Test("a worker that beats judges, from its first beat on, and after a short silence too")
    func steady() {
        #expect(judges(5))
        #expect(judges(5, 10, 15))
        #expect(judges(5, 20))
    }

    @Test("after a silence in which every heart seems to have stopped, a worker lets the others speak first")
    func outage() {
        #expect(!judges(5, 10, 190))
        #expect(!judges(5, 10, 190, 195))
        #expect(judges(5, 10, 190, after: 15))
        #expect(judges(5, 10, 190, 195, 200, 205))
    }
}

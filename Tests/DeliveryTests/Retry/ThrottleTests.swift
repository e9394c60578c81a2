import Delivery
import Testing

@Suite("Sending less where a provider asks for it")
struct ThrottleTests {
    /// Sends that are always wanted, each a tenth of a second under way, against a provider that takes what `takes` says.
    private struct Run {
        var throttle = Throttle()
        var random = SplitMix64(seed: 1)
        var requests = 0
        var accepted: [Double] = []
        var isUrgent = false
        var wait: Double?

        /// - Parameter takes: whether the provider takes a request at this time, so many having come in this second.
        mutating func go(jobs: Int, slots: Int = 64, until end: Double, takes: (Double, Int) -> Bool) {
            var underWay: [(begun: Double, isTaken: Bool)] = []
            var second = (number: -1, count: 0)
            for tick in 0..<Int(end * 50) {
                let now = Double(tick) / 50
                while let first = underWay.first, first.begun + 0.1 <= now {
                    underWay.removeFirst()
                    if first.isTaken {
                        accepted.append(now)
                        throttle.wentThrough(begunAt: first.begun, at: now)
                    } else {
                        throttle.refused(begunAt: first.begun, at: now, wait: wait, using: &random)
                    }
                }
                let wanted = min(slots - underWay.count, jobs - accepted.count - underWay.count { $0.isTaken })
                guard wanted > 0 else { continue }
                for _ in 0..<throttle.allow(wanted, isUrgent: isUrgent, at: now) {
                    guard throttle.heldBack(isUrgent: isUrgent, at: now) == nil else { break }
                    second = second.number == Int(now) ? (second.number, second.count + 1) : (Int(now), 1)
                    underWay.append((now, takes(now, second.count)))
                    requests += 1
                }
            }
        }
    }

    @Test("while nobody asks for less there is no limit")
    func free() {
        var throttle = Throttle()
        #expect(throttle.allow(10_000, isUrgent: false, at: 0) == 10_000)
        throttle.wentThrough(begunAt: 0, at: 1)
        #expect(throttle.allow(10_000, isUrgent: false, at: 1) == 10_000)
        #expect(throttle.heldBack(isUrgent: false, at: 1) == nil)
    }

    @Test("a provider that takes nothing for 20 s gets what was under way and a few tries; then all goes in seconds")
    func nothingTaken() throws {
        var run = Run()
        run.go(jobs: 300, until: 60) { now, _ in now > 20 }
        #expect(run.accepted.count == 300)
        #expect(run.requests <= 300 + 64 + 12)
        #expect(try #require(run.accepted.last) < 20 + 5 + 5)
    }

    @Test("a provider that takes 20 a second is sent hardly more, and nearly all that it takes")
    func steadyLimit() throws {
        var run = Run()
        run.go(jobs: 1_000, until: 120) { _, count in count <= 20 }
        #expect(run.accepted.count == 1_000)
        #expect(run.requests <= 1_300)
        #expect(try #require(run.accepted.last) < 75)
    }

    @Test("one refusal between successes closes nothing: it may be of its recipient")
    func single() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        for tick in 0..<200 { throttle.wentThrough(begunAt: Double(tick) / 100, at: Double(tick) / 100) }
        throttle.refused(begunAt: 2, at: 2.1, wait: 30, using: &random)
        #expect(throttle.heldBack(isUrgent: false, at: 2.1) == nil)
        #expect(throttle.allow(100, isUrgent: false, at: 3.1) >= 20)
    }

    @Test("what the provider asks for is waited out by everybody, the urgent too")
    func asked() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        for _ in 0..<3 { throttle.refused(begunAt: 0, at: 1, wait: 30, using: &random) }
        for time in [1, 15, 30.9] {
            #expect(throttle.allow(10, isUrgent: false, at: time) == 0)
            #expect(throttle.heldBack(isUrgent: true, at: time).map { $0 >= 31 - time } == true)
        }
        #expect(throttle.allow(10, isUrgent: false, at: 31.6) == 1)
        #expect(throttle.heldBack(isUrgent: true, at: 31.6) == nil)
    }

    @Test("one refusal among ten successes slows nothing: it is of its recipient, or of what others send")
    func few() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        for number in 0..<1_000 {
            let now = Double(number) / 100
            if number % 11 == 10 {
                throttle.refused(begunAt: now - 0.01, at: now, wait: nil, using: &random)
            } else {
                throttle.wentThrough(begunAt: now - 0.01, at: now)
            }
        }
        #expect(throttle.isFree)
        #expect(throttle.allow(10_000, isUrgent: false, at: 10) == 10_000)
    }

    @Test("a provider that stops to take anything is left alone within a second, however much it took before")
    func outage() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        for number in 0..<200 { throttle.wentThrough(begunAt: Double(number) / 100, at: Double(number) / 100) }
        for number in 200..<300 {
            throttle.refused(begunAt: Double(number) / 100, at: Double(number) / 100, wait: nil, using: &random)
        }
        #expect(throttle.allow(10, isUrgent: false, at: 3) == 0)
        #expect(throttle.heldBack(isUrgent: false, at: 3) != nil)
    }

    @Test("what is urgent tries while it is closed, by its own back-off, and the first success lets the rest go on")
    func urgent() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        for _ in 0..<64 { throttle.refused(begunAt: 0, at: 0.1, wait: nil, using: &random) }
        #expect(throttle.allow(5, isUrgent: true, at: 0.2) == 5 && throttle.heldBack(isUrgent: true, at: 0.2) == nil)
        #expect(
            throttle.allow(5, isUrgent: false, at: 0.2) == 0 && throttle.heldBack(isUrgent: false, at: 0.2) != nil)
        throttle.wentThrough(begunAt: 0.2, at: 0.3)
        #expect(throttle.heldBack(isUrgent: false, at: 0.3) == nil)
        #expect(throttle.allow(5, isUrgent: false, at: 0.3) >= 1)
    }

    @Test("the urgent have a speed of their own: the rest uses none of it up")
    func ownSpeed() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        throttle.refused(begunAt: 0, at: 0.1, wait: nil, using: &random)
        #expect(throttle.allow(10, isUrgent: false, at: 0.1) == 1)
        #expect(throttle.allow(10, isUrgent: false, at: 0.1) == 0)
        #expect(throttle.allow(10, isUrgent: true, at: 0.1) == 1)
    }

    @Test("what was allowed and did not begin may begin later")
    func givenBack() {
        var (throttle, random) = (Throttle(), SplitMix64(seed: 1))
        throttle.refused(begunAt: 0, at: 0.1, wait: nil, using: &random)
        #expect(throttle.allow(1, isUrgent: false, at: 0.1) == 1)
        throttle.giveBack(1, isUrgent: false, at: 0.1)
        #expect(throttle.allow(1, isUrgent: false, at: 0.1) == 1)
    }
}

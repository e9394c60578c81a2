import Delivery
import Testing

@Suite("Caps")
struct CapsTests {
    private static let now = Instant(microseconds: 1_000_000_000)

    private func cap(
        _ id: Int = 1, most: Int, span: Int = 600, excess: Cap.Excess = .skip, isEnforced: Bool = true
    ) -> Cap {
        Cap(id: id, name: "c\(id)", subject: .address, most: most, span: span, excess: excess, isEnforced: isEnforced)
    }

    private func room(
        _ used: Int, key: Int = 1, weight: Int = 1, isCounted: Bool = false, frees: [Int] = []
    ) -> CapRoom {
        CapRoom(
            key: key, weight: weight, isCounted: isCounted, used: used,
            frees: frees.map { Self.now.advanced(by: .seconds($0)) }, now: Self.now)
    }

    @Test("what one message of a take uses, the next does not find; a message without room uses nothing")
    func room() {
        var round = CapRound()
        let (narrow, wide) = (cap(1, most: 3), cap(2, most: 5))
        for message in 1...2 {
            let ruling = round.rule(on: [(narrow, room(1)), (wide, room(0))], seed: message)
            #expect(ruling.0 == .allowed && ruling.over == [])
        }
        for message in 3...6 {
            #expect(round.rule(on: [(narrow, room(1)), (wide, room(0))], seed: message).0 == .over(narrow))
        }
        // Those four used nothing of the wide cap, and another subject has a room of its own.
        #expect(round.rule(on: [(narrow, room(1, key: 2)), (wide, room(0))], seed: 7).0 == .allowed)
        #expect(round.rule(on: [(wide, room(0, weight: 3))], seed: 8).0 == .over(wide))
        #expect(round.rule(on: [(wide, room(0, weight: 2))], seed: 9).0 == .allowed)
    }

    @Test("a message that was counted before goes on, and is not counted again")
    func repeated() {
        var round = CapRound()
        let cap = cap(most: 2)
        #expect(round.rule(on: [(cap, room(2, isCounted: true))], seed: 1).0 == .allowed)
        #expect(round.rule(on: [(cap, room(2))], seed: 2).0 == .over(cap))
        #expect(round.rule(on: [(cap, room(1))], seed: 3).0 == .allowed)
    }

    @Test("a cap that only records lets everything go, and says what it would have kept back")
    func records() {
        var round = CapRound()
        let (recording, enforced) = (cap(1, most: 1, isEnforced: false), cap(2, most: 2))
        let claims = [(recording, room(0)), (enforced, room(0))]
        #expect(round.rule(on: claims, seed: 1) == (.allowed, []))
        #expect(round.rule(on: claims, seed: 2) == (.allowed, [recording]))
        #expect(round.rule(on: claims, seed: 3) == (.over(enforced), [recording, enforced]))
    }

    @Test("a message waits until there is room for it behind those that wait, for a twentieth of the span at least")
    func waits() {
        var round = CapRound()
        let cap = cap(most: 2, excess: .postpone)
        func wait(_ seed: Int) -> Int? {
            guard case .wait(cap, let until) = round.rule(on: [(cap, room(2, frees: [5, 400]))], seed: seed).0 else {
                return nil
            }
            return Int(Self.now.duration(to: until).components.seconds)
        }
        for (seed, soonest) in [(1, 30), (2, 400), (3, 600), (4, 600)] {
            let wait = wait(seed)
            #expect(wait.map { (soonest..<soonest + 30).contains($0) } ?? false, "\(seed): \(wait ?? -1) s")
        }
    }

    @Test("of several caps without room one that skips counts before one that waits, and else the longest wait")
    func strictest() {
        let (skipping, short, long) = (
            cap(1, most: 1), cap(2, most: 1, span: 60, excess: .postpone),
            cap(3, most: 1, span: 6_000, excess: .postpone)
        )
        var round = CapRound()
        #expect(round.rule(on: [(short, room(1)), (skipping, room(1))], seed: 1).0 == .over(skipping))
        guard case .wait(long, let until) = round.rule(on: [(long, room(1)), (short, room(1))], seed: 1).0 else {
            Issue.record("it waits for the longer one")
            return
        }
        #expect(until >= Self.now.advanced(by: .seconds(6_000)))
    }

    @Test("a cap binds its category, channel and tenant; blocks of numbers and countries have no mail")
    func binds() {
        for subject in [Cap.Subject.address, .identity, .ip, .prefix, .country, .tenant] {
            let all = Cap(id: 1, name: "c", subject: subject, most: 1, span: 1)
            for channel in Channel.allCases {
                let isCounted = channel != .email || ![.prefix, .country].contains(subject)
                #expect(all.binds(.otp, on: channel, of: "a") == isCounted)
                var narrow = all
                (narrow.category, narrow.channel, narrow.tenant) = (.otp, .sms, "a")
                #expect(narrow.binds(.otp, on: channel, of: "a") == (channel == .sms))
                #expect(!narrow.binds(.marketing, on: channel, of: "a") && !narrow.binds(.otp, on: channel, of: "b"))
            }
        }
    }
}

import Delivery
import Testing

/// Receipts come in any order and any number of times; what is known in the end must not depend on it.
@Suite("Order of receipts")
struct AttemptOrderTests {
    /// A fact and when it was recorded: the order of arrival is not the order of recording.
    struct Dated: Sendable {
        var fact: AttemptFact
        var at: Instant
    }

    static let start = Instant(microseconds: 1_000_000)

    /// One fact of every rank, and two of those that are compared within their rank.
    static let typical: [AttemptFact] = [
        .unknown, .notSent, .skipped(.noSender), .reached(.sent), .failed(.unreachable), .refused(.optedOut),
        .reached(.delivered), .ruled(sent: false), .ruled(sent: true),
    ]

    @Test("all permutations of any six typical facts end in the same attempt", arguments: typical.indices)
    func sixOfTypical(_ firstIndex: Int) {
        let rest = Array(Self.typical[(firstIndex + 1)...])
        for others in subsets(of: rest, size: 5) {
            expectSame(dated([Self.typical[firstIndex]] + others))
        }
    }

    @Test("all permutations of any one to three facts, repeated ones too, end in the same attempt")
    func allTriples() {
        let facts = AttemptFact.all
        for first in facts.indices {
            expectSame(dated([facts[first]]))
            for second in first..<facts.count {
                expectSame(dated([facts[first], facts[second]]))
                for third in second..<facts.count {
                    expectSame(dated([facts[first], facts[second], facts[third]]))
                }
            }
        }
    }

    @Test("all permutations of six random facts, repeated ones too, end in the same attempt", arguments: 0..<24)
    func randomSixes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let facts = (0..<6).map { _ in
            Dated(
                fact: AttemptFact.all.randomElement(using: &random) ?? .accepted,
                at: Instant(microseconds: .random(in: 1_000_000...1_000_009, using: &random)))
        }
        expectSame(facts)
    }

    @Test("telling everything again, in another order, changes nothing")
    func repetition() {
        var random = SplitMix64(seed: 6)
        for _ in 0..<500 {
            let facts = dated((0..<6).map { _ in AttemptFact.all.randomElement(using: &random) ?? .lost })
            let once = attempt(after: facts)
            #expect(attempt(after: facts + facts.shuffled(using: &random)) == once)
        }
    }

    @Test("a failure does not hide how far it got before, nor when it was taken")
    func reached() {
        let facts = [
            Dated(fact: .failed(.unreachable), at: .init(microseconds: 9)),
            Dated(fact: .reached(.sent), at: .init(microseconds: 7)),
            Dated(fact: .accepted, at: .init(microseconds: 5)),
        ]
        let end = attempt(after: facts)
        #expect(end.phase == .failed(.unreachable))
        #expect(end.reached == .sent)
        #expect(end.acceptedAt == .init(microseconds: 5))
    }

    @Test("what says nothing of acceptance sets no time of acceptance", arguments: AttemptFact.all)
    func acceptance(_ fact: AttemptFact) {
        let end = attempt(after: dated([fact]))
        switch fact {
        case .accepted, .ruled(sent: true): #expect(end.reached == .accepted)
        case .reached(let level): #expect(end.reached == level)
        case .refused, .notSent, .unknown, .lost, .skipped, .failed, .ruled(sent: false): #expect(end.reached == nil)
        }
        #expect((end.acceptedAt == nil) == (end.reached == nil))
    }

    @Test("when two people rule against each other, it counts as sent: a doubt never sends twice")
    func rulings() {
        #expect(attempt(after: dated([.ruled(sent: true)])).ruling == .sent)
        #expect(attempt(after: dated([.ruled(sent: false)])).ruling == .notSent)
        #expect(attempt(after: dated([.ruled(sent: false), .ruled(sent: true)])).ruling == .sent)
        #expect(attempt(after: dated([.ruled(sent: true), .ruled(sent: false)])).ruling == .sent)
        #expect(attempt(after: dated([.accepted, .notSent])).ruling == nil)
    }

    // MARK: Ways to run it

    private func expectSame(_ facts: [Dated]) {
        let expected = attempt(after: facts)
        let phase = facts.reduce(AttemptPhase.open) { PhaseOracle.after($0, $1.fact) }
        #expect(expected.phase == phase)
        forEachPermutation(of: facts) { order in
            if attempt(after: order) != expected {
                Issue.record("\(order.map(\.fact)) ends otherwise than \(facts.map(\.fact))")
            }
        }
    }

    private func attempt(after facts: [Dated]) -> Attempt {
        facts.reduce(into: Attempt(generation: 1, step: 0, begunAt: Self.start)) { $0.learn($1.fact, at: $1.at) }
    }

    private func dated(_ facts: [AttemptFact]) -> [Dated] {
        facts.enumerated().map { Dated(fact: $1, at: Self.start.advanced(by: .seconds(1 + $0))) }
    }
}

import Postgres
import Testing

/// Plans are those of the program: pinned for a worker, made for each call for a gateway.
@Suite("Plans of the hot statements", .timeLimit(.minutes(5)))
struct PlanTests {
    @Test("hot statements look up by key, with empty, stale, large and wrong statistics")
    func statistics() async throws {
        try await Stand.with { stand in
            var check = PlanCheck(stand: stand)
            try await stand.run(Filling.quiet + ";" + Filling.few)
            try await check.prepare()
            try await check.expectNothingWrong(with: "empty")
            // The workers that have planned go on with what they planned.
            try await stand.run(Filling.jobs)
            try await stand.run("vacuum outrider.due")
            try await check.expectNothingWrong(with: "stale")
            try await check.planAgain()
            try await check.expectNothingWrong(with: "missing")
            try await stand.run("analyze")
            try await check.planAgain()
            try await check.expectNothingWrong(with: "fresh")
            try await stand.run(Filling.tenMillion)
            try await check.planAgain()
            try await check.expectNothingWrong(with: "ten million rows'")
            check.isOfPinned = true
            try await stand.run(Filling.allAlike)
            try await check.planAgain()
            try await check.expectNothingWrong(with: "wrong")
        }
    }

    @Test("hot statements look up by key, whenever ANALYZE comes while rows come and go", arguments: [1, 2, 3])
    func anyMoment(seed: UInt64) async throws {
        try await Stand.with { stand in
            let check = PlanCheck(stand: stand)
            var random = Seeded(state: seed)
            try await stand.run(Filling.quiet + ";" + Filling.few)
            try await check.prepare()
            try await stand.run(Filling.jobs)
            for round in 1...6 {
                for _ in 0..<3 {
                    guard let step = Filling.steps.randomElement(using: &random) else { continue }
                    try await stand.run(step)
                }
                // Dead rows cost pages, whatever the plan is.
                try await stand.run("vacuum outrider.due")
                try await check.expectNothingWrong(with: "seed \(seed), round \(round)")
            }
        }
    }

    @Test("a plan that walks is complained of")
    func canFail() async throws {
        try await Stand.with { stand in
            try await stand.run(Filling.quiet + ";" + Filling.few)
            try await stand.run(Filling.jobs)
            try await stand.run("drop index outrider.due_by_lane")
            let check = PlanCheck(stand: stand)
            try await check.prepare()
            #expect(try await check.complaints(with: "fresh").contains { $0.contains("a walk over due") })
        }
    }
}

/// The same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

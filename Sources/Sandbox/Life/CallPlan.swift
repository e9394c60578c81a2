/// Draws the life of a call from its fate. Times are in unscaled seconds.
enum CallPlan {
    static func steps(
        fate: VoiceFate, ringTimeout: Int, detection: CallRequest.Detection?, isAsync: Bool,
        using generator: inout SeededGenerator
    ) -> [Step] {
        let dialing = Step(delay: .random(in: 0.2...0.5, using: &generator), change: .call(.initiated))
        let ringing = Step(delay: .random(in: 0.5...1.5, using: &generator), change: .call(.ringing))
        let rings = min(Double(ringTimeout), .random(in: 2...6, using: &generator))
        let talk = Int.random(in: 6...15, using: &generator)
        func end(_ delay: Double, _ status: CallStatus, _ sipCode: Int, seconds: Int = 0) -> Step {
            Step(delay: delay, change: .call(.ended(status, sipCode: sipCode, seconds: seconds)))
        }
        func answered(by person: String) -> [Step] {
            var steps = [dialing, ringing, Step(delay: rings, change: .call(.answered(by: person)))]
            if isAsync { steps.append(Step(delay: 2, change: .call(.detected(by: person)))) }
            return steps + [end(Double(talk), .completed, 200, seconds: talk)]
        }
        return switch fate {
        case .busy: [dialing, ringing, end(1, .busy, 486)]
        case .noAnswer: [dialing, ringing, end(Double(ringTimeout), .noAnswer, 487)]
        case .failed: [dialing, end(1, .failed, 404)]
        case .machine: answered(by: detection == .messageEnd ? "machine_end_beep" : "machine_start")
        case .silent: [dialing, ringing]
        case .answered, .pressesOne, .throttled, .outcomeUnknown, .invalid: answered(by: "human")
        }
    }
}

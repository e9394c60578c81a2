import Delivery
import JobQueue

extension Contract {
    static let ending: [Contract] = [
        Contract("who says no to calls has those to them ended that are under way, each asked for once; a text is none")
        { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.add(AskedSender(channel: .voice))
            let text = try await queue.begun()
            let call = try await queue.begun(AskedJob(channel: .voice))
            let other = try await queue.begun(AskedJob(channel: .voice, person: 1))
            try demand(try await queue.ends().isEmpty, "nobody asked for anything")
            for _ in 1...2 { try await queue.change(.suppress(AskedJob().phone, .voice)) }
            let orders = try await queue.ends()
            try demand(orders.map(\.jobID), is: [call.id], "the call to this person")
            try demand(orders[0].reason, is: .optedOut, "why")
            try demand(orders[0].tries, is: 1, "taken once")
            if case .ask = orders[0].ending { throw Broken(description: "no id is known yet") }
            try demand(
                try await queue.events(of: call.id), is: ["1 intent/taken", "1 reconciled/asked to end"], "it is told")
            try demand(try await queue.events(of: text.id), is: ["1 intent/taken"], "a text cannot be ended")
            try demand(try await queue.events(of: other.id), is: ["1 intent/taken"], "nor is another's call")
        },
        Contract("a call that nobody waits for any more is ended in the commit that says so, unless it is over") {
            queue in
            _ = try await queue.add(AskedSender(channel: .voice))
            let (call, over) = (
                try await queue.begun(AskedJob(channel: .voice)),
                try await queue.begun(AskedJob(channel: .voice, person: 1))
            )
            try await queue.record(Record(events: [over.event(.answered(.refused(code: "21211", .invalidAddress)))]))
            try await queue.record(
                Record(
                    events: [call.event(.answered(.accepted(providerID: "CA1")))],
                    ends: [CallEnd(jobID: call.id, generation: 1), CallEnd(jobID: over.id, generation: 1)]))
            let orders = try await queue.ends()
            try demand(orders.map(\.jobID), is: [call.id], "the one that the provider holds")
            try demand(orders[0].ending, is: .ask(providerID: "CA1"), "by its id")
            try demand(orders[0].reason, is: .notNeeded, "why")
        },
        Contract("one worker has a call that is to be ended, until its patience is over or it says what came of it") {
            queue in
            _ = try await queue.add(AskedSender(channel: .voice))
            let call = try await queue.begun(AskedJob(channel: .voice))
            try await queue.change(.suppress(AskedJob().phone, .voice))
            let order = try await queue.ends()[0]
            try demand(try await queue.ends().isEmpty, "it is taken")
            try await queue.store.settleEnds([SettledEnd(order, .wait(.zero))], worker: "w1")
            let again = try await queue.ends()[0]
            try demand(again.tries, is: 2, "it is taken again")
            let before = try await queue.dueRows(of: call.id).count
            for _ in 1...2 {
                try await queue.store.settleEnds([SettledEnd(again, .over(.ended, reason: "test"))], worker: "w1")
            }
            try demand(try await queue.ends().isEmpty, "it is over")
            try demand(
                try await queue.events(of: call.id),
                is: ["1 intent/taken", "1 reconciled/asked to end", "1 reconciled/ended"], "told once")
            let rows = try await queue.dueRows(of: call.id)
            try demand(rows.count - before, is: 1, "its job is looked at, once")
            try demand(rows.contains { $0.reason == .decide }, "a decision is due")
            try await queue.record(Record(ends: [CallEnd(jobID: call.id, generation: 1)]))
            try demand(try await queue.ends().isEmpty, "what is over is not asked for again")
        },
        Contract("of a job that was canceled the call is ended, and nothing follows") { queue in
            _ = try await queue.add(AskedSender(channel: .voice))
            let call = try await queue.begun(AskedJob(channel: .voice))
            try await queue.change(.cancel(job: call.id))
            let order = try await queue.ends()[0]
            try demand(order.reason, is: .canceled, "why")
            let before = try await queue.dueRows(of: call.id).count
            try await queue.store.settleEnds([SettledEnd(order, .over(.tooLate, reason: "test"))], worker: "w1")
            try demand(try await queue.dueRows(of: call.id).count, is: before, "a job that has ended is not looked at")
            try demand(
                try await queue.events(of: call.id),
                is: ["0 outcome/ended", "1 intent/taken", "1 reconciled/asked to end", "1 reconciled/too late"], "told")
        },
    ]
}

extension ContractQueue {
    /// The calls that are to be ended now.
    fileprivate func ends() async throws -> [EndOrder] {
        try await store.takeEnds(atMost: 10, patience: .seconds(60))
    }
}

import Delivery
import JobQueue

extension Contract {
    static let handingOn: [Contract] = [
        Contract("a dead worker's sends are lost and reconciled, or decided when they were answered") { queue in
            _ = try await queue.add(AskedSender())
            try await queue.register("dead", "w1")
            let open = try await queue.begun(AskedJob(category: .alert), worker: "dead")
            let answered = try await queue.begun(AskedJob(person: 1), worker: "dead")
            try await queue.record(Record(events: [answered.event(.answered(.accepted(providerID: "SM1")))]))
            try await queue.pass(.seconds(40))
            try demand(try await queue.store.heartbeat(worker: "w1", state: "running"), "it lives")
            let rescue = try await queue.rescue()
            try demand(rescue, is: Rescue(deadWorkers: 1, looks: 2, lost: 1), "what was found")
            try demand(try await queue.events(of: open.id), is: ["1 answer/lost", "1 intent/taken"], "lost")
            try demand(
                try await queue.dueRows(of: open.id),
                is: [DueFact(lane: Lane.askPhone(1).rawValue, reason: .reconcile, seconds: 15)],
                "in 15 s it is reconciled")
            try demand(
                try await queue.dueRows(of: answered.id),
                is: [DueFact(lane: Lane.decide(2).rawValue, reason: .decide)], "a decision is due")
            try demand(try await queue.store.leases(of: "dead"), is: [], "the leases are gone")
            try demand(try await queue.store.heartbeat(worker: "dead", state: "running"), is: false, "it is told")
            try demand(try await queue.rescue().looks, is: 0, "once")
        },
        Contract("a dead worker's looks are looked at again, each for its reason and its step") { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.add(AskedSender(channel: .email))
            try await queue.register("dead", "w1")
            let job = try await queue.begun(AskedJob(category: .otp, ladder: [.sms, .email]))
            try await queue.record(Record(dueRow: job.dueRow(.receipt, step: 1, generation: 2, channel: .email)))
            let before = try await queue.dueRows(of: job.id)
            _ = try await queue.take(try await queue.lane(of: job.id), worker: "dead", rule: { Verdict(looking: $0) })
            try await queue.pass(.seconds(40))
            _ = try await queue.store.heartbeat(worker: "w1", state: "running")
            try demand(
                try await queue.rescue(holding: try await queue.store.leases(of: "w1")).lost, is: 0, "none is lost")
            try demand(try await queue.dueRows(of: job.id), is: before, "the timer is as it was")
        },
        Contract("what a living worker holds stays with it, but for batches that it does not know of") { queue in
            _ = try await queue.add(AskedSender())
            try await queue.register("w1", "w2")
            _ = try await queue.begun(AskedJob(), worker: "w2")
            _ = try await queue.begun(AskedJob(person: 1))
            _ = try await queue.begun(AskedJob(person: 2))
            let own = try await queue.store.leases(of: "w1")
            try demand(own.count, is: 2, "two batches")
            try demand(try await queue.rescue(holding: [own[0]]).looks, is: 0, "young batches may be under way")
            try await queue.pass(.seconds(16))
            // On a slow machine the time since the registration counts, too.
            for worker in ["w1", "w2"] { _ = try await queue.store.heartbeat(worker: worker, state: "running") }
            try demand(try await queue.rescue(holding: [own[0]]).lost, is: 1, "a stray is handed on")
            try demand(try await queue.store.leases(of: "w1"), is: [own[0]], "what is held is not")
            try demand(try await queue.store.leases(of: "w2").count, is: 1, "nor what the other holds")
        },
        Contract("a batch that was never begun is given back as not sent") { queue in
            _ = try await queue.add(AskedSender())
            let asked = AskedJob(category: .alert)
            let job = try await queue.begun(asked)
            let other = try await queue.begun(AskedJob(person: 1), worker: "w2")
            let batches = try await queue.store.leases(of: "w1") + (try await queue.store.leases(of: "w2"))
            try demand(try await queue.store.withdraw(batches, worker: "w1"), is: 1, "one attempt")
            try demand(try await queue.events(of: job.id), is: ["1 answer/not_sent", "1 intent/taken"], "not sent")
            try demand(
                try await queue.dueRows(of: job.id), is: [DueFact(lane: Lane.decide(1).rawValue, reason: .decide)],
                "a decision is due")
            try demand(try await queue.events(of: other.id), is: ["1 intent/taken"], "another's batch stays")
            try demand(try await queue.store.leases(of: "w1"), is: [], "the batch is gone")
            let next = try await queue.insert(asked)
            try demand(
                try await queue.take(try await queue.lane(of: next)).begun.sends.map(\.id), is: [next],
                "one that looks the same waits no longer")
            try demand(try await queue.store.withdraw(batches, worker: "w1"), is: 0, "once")
        },
        Contract("a withdrawn look is looked at again") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            try await queue.record(
                Record(events: [job.event(.answered(.accepted(providerID: "SM1")))], dueRow: job.dueRow(.receipt)))
            let before = try await queue.dueRows(of: job.id)
            let lease = try await queue.take(try await queue.lane(of: job.id), rule: { Verdict(looking: $0) }).begun
                .leaseID
            try demand(
                try await queue.store.withdraw([lease].compactMap(\.self), worker: "w1"), is: 0, "nothing was begun")
            try demand(try await queue.dueRows(of: job.id), is: before, "the timer is as it was")
        },
        Contract("sends without a sender that serves them go to one that does") { queue in
            let job = try await queue.insert(AskedJob(body: String(repeating: "long ", count: 60)))
            let before = try await queue.dueRows(of: job)
            try demand(before.map(\.lane), is: [Lane.unserved(2).rawValue], "nobody serves it")
            try demand(try await queue.store.reroute(), is: 0, "and it stays")
            let first = try await queue.add(AskedSender())
            try demand(try await queue.store.reroute(), is: 1, "it moves")
            try demand(try await queue.lane(of: job).sender?.id, is: first, "to the sender there is")
            try demand(try await queue.dueRows(of: job).map(\.cost), is: before.map(\.cost), "with its cost")
            try await queue.change(.enable(sender: first, false))
            try demand(try await queue.store.reroute(), is: 0, "nobody else serves it, so it waits")
            let second = try await queue.add(AskedSender())
            try demand(try await queue.store.reroute(), is: 1, "somebody else does")
            try demand(try await queue.lane(of: job).sender?.id, is: second, "and has it")
            try await queue.change(.delete(sender: first))
            try await queue.change(.delete(sender: second))
            try demand(try await queue.store.reroute(), is: 1, "the senders are gone")
            try demand(try await queue.dueRows(of: job).map(\.lane), is: before.map(\.lane), "nobody serves it")
        },
        Contract("a reroute moves no look") { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.add(AskedSender(channel: .email))
            let job = try await queue.begun(AskedJob(ladder: [.sms, .email]))
            try await queue.record(
                Record(dueRow: job.dueRow(.receipt, step: 1, channel: .email)), Record(dueRow: job.dueRow(.receipt)),
                Record(dueRow: job.dueRow(.decide)))
            let before = Set(try await queue.dueRows(of: job.id))
            try demand(try await queue.store.reroute(), is: 0, "nothing moves")
            try demand(Set(try await queue.dueRows(of: job.id)), is: before, "all stand where they stood")
        },
        Contract("housekeeping forgets an open send once it is settled otherwise, and no sooner") { queue in
            _ = try await queue.add(AskedSender())
            let first = try await queue.begun()
            let second = try await queue.insert(AskedJob())
            let lane = try await queue.lane(of: second)
            let begins = { () async throws -> Bool in
                try await queue.pass(.seconds(121))
                try await queue.store.keepHouse()
                return try await !queue.take(lane).begun.sends.isEmpty
            }
            try demand(try await begins(), is: false, "nobody knows of the first")
            try await queue.change(.cancel(job: first.id))
            try demand(try await begins(), is: true, "nobody asks for it any more")
        },
    ]
}

extension ContractQueue {
    func rescue(holding leases: [Int] = []) async throws -> Rescue {
        try await store.rescue(
            worker: "w1", holding: leases, deadAfter: .seconds(30), reconcileAfter: .seconds(15))
    }
}

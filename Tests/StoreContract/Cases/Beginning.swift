import Delivery
import JobQueue

extension Contract {
    static let beginning: [Contract] = [
        Contract("what begins has an intent with a token and a lease, and its due row is gone") { queue in
            _ = try await queue.add(AskedSender())
            let jobs = [try await queue.insert(AskedJob()), try await queue.insert(AskedJob(person: 1))]
            let begun = try await queue.take(try await queue.lane(of: jobs[0])).begun
            try demand(begun.sends.map(\.id).sorted(), is: jobs, "both begin")
            let tokens = Set(begun.sends.compactMap(\.token))
            try demand(tokens.count, is: 2, "each with a token of its own")
            for job in jobs {
                try demand(try await queue.events(of: job), is: ["1 intent/taken"], "an intent")
                try demand(try await queue.dueRows(of: job), is: [], "no due row")
            }
            try demand(try await queue.store.leases(of: "w1"), is: [begun.leaseID].compactMap(\.self), "a lease")
        },
        Contract("nothing begins after an opt-out, an outcome or a pause that came between the take and the intent") {
            queue in
            _ = try await queue.add(AskedSender())
            let asked = AskedJob(body: String(repeating: "long ", count: 60), campaign: "spring")
            for change in [Change.suppress(asked.phone, .sms), .cancel(job: 0), .pause(campaign: "spring", true)] {
                let job = try await queue.insert(asked)
                let before = try await queue.dueRows(of: job)
                let meanwhile = if case .cancel = change { Change.cancel(job: job) } else { change }
                let begun = try await queue.take(try await queue.lane(of: job)) { take in
                    queue.changeMeanwhile(meanwhile)
                    return Verdict(sending: take)
                }.begun
                try demand(begun.sends.isEmpty && begun.leaseID == nil, "nothing begins after \(change)")
                try demand(try await queue.events(of: job).contains("1 intent/taken"), is: false, "nor is intended")
                try demand(try await queue.dueRows(of: job), is: before, "its row is back in its lane, with its cost")
                try await queue.change(.lift(asked.phone, .sms))
                _ = try await queue.take(try await queue.lane(of: job)) { take in
                    var verdict = Verdict()
                    verdict.done = take.rows.map(\.due)
                    return verdict
                }
            }
        },
        Contract("an opt-out binds its tenant and its messages, at the take and between it and the intent") { queue in
            _ = try await queue.add(AskedSender())
            let optOuts: [(tenant: String, category: Delivery.Category?, binds: Bool)] = [
                ("", nil, true), ("default", nil, true), ("", .transactional, true), ("default", .transactional, true),
                ("other", nil, false), ("other", .transactional, false), ("", .otp, false),
                ("default", .marketing, false),
            ]
            for (person, optOut) in optOuts.enumerated() {
                let asked = AskedJob(person: person)
                let job = try await queue.insert(asked)
                let lane = try await queue.lane(of: job)
                let begun = try await queue.take(lane) { take in
                    queue.changeMeanwhile(
                        .suppress(asked.phone, .sms, tenant: optOut.tenant, category: optOut.category))
                    return Verdict(sending: take)
                }.begun
                try demand(!begun.sends.contains { $0.id == job }, is: optOut.binds, "the fence, \(optOut)")
                let next = try await queue.insert(asked)
                let seen = try await queue.take(lane) { _ in Verdict() }.take.jobs.first { $0.id == next }
                try demand(seen?.isSuppressed, is: optOut.binds, "the take, \(optOut)")
            }
        },
        Contract("a cap counts what begins, a message once, until it has left the span") { queue in
            _ = try await queue.add(AskedSender())
            try await queue.change(.cap(most: 2, span: 600))
            guard let cap = try await queue.store.contactRules().caps.first else { throw Broken(description: "a cap") }
            var jobs: [Int] = []
            for number in 1...3 { jobs.append(try await queue.insert(AskedJob(body: "text \(number)"))) }
            let lane = try await queue.lane(of: jobs[0])
            var begun = try await queue.take(lane) { Verdict(sending: $0, within: cap) }.begun
            try demand(begun.sends.map(\.id), is: Array(jobs.prefix(2)), "no more than the cap")
            let first = begun.sends[0]
            try await queue.record(
                Record(
                    events: [first.event(.answered(.notSent(reason: "test")))],
                    dueRow: first.dueRow(.dispatch, generation: 2),
                    settled: OpenSend(key: first.sendKey, jobID: first.id, generation: 1)))
            let other = try await queue.insert(AskedJob(person: 1))
            let late = try await queue.insert(AskedJob(body: "text 4"))
            begun = try await queue.take(lane) { Verdict(sending: $0, within: cap) }.begun
            try demand(begun.sends.map(\.id).sorted(), is: [first.id, other], "a repeat, and another person's")
            try demand(try await queue.events(of: late), is: [], "and nothing of the others")
            try await queue.pass(.seconds(601))
            let last = try await queue.insert(AskedJob(body: "text 5"))
            begun = try await queue.take(lane) { Verdict(sending: $0, within: cap) }.begun
            try demand(begun.sends.map(\.id), is: [last], "there is room again")
        },
        Contract("of two due rows for one attempt the first counts") { queue in
            _ = try await queue.add(AskedSender())
            let first = try await queue.begun()
            try await queue.record(
                Record(
                    events: [first.event(.answered(.notSent(reason: "test")))],
                    dueRow: first.dueRow(.dispatch, generation: 2),
                    settled: OpenSend(key: first.sendKey, jobID: first.id, generation: 1)),
                Record(dueRow: first.dueRow(.dispatch, generation: 2)))
            let lane = try await queue.lane(of: first.id)
            let (take, begun) = try await queue.take(lane)
            try demand(take.rows.count, is: 2, "both rows are there")
            try demand(begun.sends.count, is: 1, "and one send begins")
            try demand(try await queue.dueRows(of: first.id), is: [], "neither row is left")
            try await queue.record(Record(dueRow: first.dueRow(.dispatch, generation: 2)))
            try demand(try await queue.take(lane).take.jobs.first?.isBegun, is: true, "a third is known to be begun")
        },
        Contract("a send waits for one that looks the same, and begins once that is settled") { queue in
            _ = try await queue.add(AskedSender())
            let asked = AskedJob(body: String(repeating: "long ", count: 60))
            let first = try await queue.begun(asked)
            let second = try await queue.insert(asked)
            let before = try await queue.dueRows(of: second)
            let lane = try await queue.lane(of: second)
            try demand(try await queue.take(lane).begun.sends.count, is: 0, "it waits")
            guard let waiting = try await queue.dueRows(of: second).first else {
                throw Broken(description: "its row is put back")
            }
            try demand((1...10).contains(waiting.seconds), "for 1 to 10 s")
            try demand(try await queue.events(of: second), is: ["1 deferred/0"], "an event says that it waits")
            try await queue.pass(.seconds(11))
            try demand(try await queue.take(lane).begun.sends.count, is: 0, "it waits on")
            try demand(try await queue.events(of: second), is: ["1 deferred/0"], "one event an attempt")
            try demand(
                [waiting.lane, waiting.cost], is: [before[0].lane, before[0].cost], "with its lane and its cost")
            try await queue.record(
                Record(settled: OpenSend(key: first.sendKey, jobID: first.id, generation: first.generation)))
            try await queue.pass(.seconds(11))
            try demand(try await queue.take(lane).begun.sends.map(\.id), is: [second], "it begins")
            try demand(
                try await queue.events(of: second), is: ["1 deferred/0", "1 intent/taken"], "the event stays")
        },
        Contract("a send whose patience is over begins beside one that looks the same") { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.begun(AskedJob(category: .otp))
            let second = try await queue.insert(AskedJob(category: .otp))
            let lane = try await queue.lane(of: second)
            let patient: @Sendable (Take) -> Verdict = { Verdict(sending: $0, patience: .seconds(5)) }
            try demand(try await queue.take(lane, rule: patient).begun.sends.count, is: 0, "it is patient")
            try await queue.pass(.seconds(6))
            try demand(try await queue.take(lane, rule: patient).begun.sends.map(\.id), is: [second], "not for ever")
        },
        Contract("messages of other words, to other persons or of other categories wait for nobody") { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.begun()
            for other in [AskedJob(person: 1), AskedJob(body: "Another"), AskedJob(category: .otp)] {
                let job = try await queue.insert(other)
                try demand(
                    try await queue.take(try await queue.lane(of: job)).begun.sends.map(\.id), is: [job], "it begins")
            }
        },
        Contract("a window of a sender's rate is one worker's alone, and nobody's while nothing waits") { queue in
            _ = try await queue.add(AskedSender(rate: 1))
            let job = try await queue.insert(AskedJob())
            let lane = try await queue.lane(of: job)
            let window = RateWindow(milliseconds: 1_000_000_000)
            _ = try await queue.take(lane)
            let idle = try await queue.take(lane, worker: "w2", window: window).take
            try demand(idle.wonSlot == nil, "nothing waits, so nobody wins")
            _ = try await queue.insert(AskedJob(person: 1))
            let won = try await queue.take(lane, worker: "w1", window: window) { _ in Verdict() }.take
            try demand(won.wonSlot != nil && won.wonSlot == won.slot && won.rows.count == 1, "the first wins it")
            let lost = try await queue.take(lane, worker: "w2", window: window).take
            try demand(lost.wonSlot == nil && lost.rows.isEmpty, "the second gets nothing")
            let owned = RateWindow(milliseconds: 1_000_000_000, ownedSlot: won.slot)
            let again = try await queue.take(lane, worker: "w1", window: owned).take
            try demand(again.wonSlot == nil && again.rows.count == 1, "its owner goes on")
        },
        Contract("shares of a campaign's window are won once, as many as a take has messages for") { queue in
            _ = try await queue.add(AskedSender())
            var jobs: [Int] = []
            for person in 0..<9 {
                jobs.append(try await queue.insert(AskedJob(person: person, category: .otp, campaign: "spring")))
            }
            try await queue.change(.rate(campaign: "spring", 5))
            let lane = try await queue.lane(of: jobs[0])
            try demand(lane.campaignRate, is: 5, "a look tells the rate")
            let first = try await queue.take(2, of: 5, in: lane)
            let slot = first.campaign?.slot ?? 0
            try demand(first.campaign, is: CampaignTaking(slot: slot, won: 2, isSpent: false), "the first wins two")
            let owner = try await queue.take(3, of: 5, in: lane, owned: slot, left: 2)
            try demand(owner.campaign, is: CampaignTaking(slot: slot, won: 1, isSpent: false), "what it has counts")
            let other = try await queue.take(4, of: 5, in: lane, worker: "w2")
            try demand(other.campaign, is: CampaignTaking(slot: slot, won: 2, isSpent: true), "the rest is another's")
            try demand(other.rows.count, is: 4, "rows are read for what was free")
            let third = try await queue.take(4, of: 5, in: lane, worker: "w3")
            try demand(third.campaign, is: CampaignTaking(slot: slot, won: 0, isSpent: true), "nothing is left")
            try demand(third.rows.count, is: 0, "so nothing is read")
            let last = try await queue.take(4, of: 5, in: lane, owned: slot, left: 1)
            try demand(last.rows.count, is: 4, "but by who has something left")
            try await queue.change(.rate(campaign: "spring", 50))
            let late = try await queue.take(4, of: 5, in: lane)
            try demand(late.rows.count, is: 0, "by a rate that was changed since nothing is won")
        },
        Contract("a campaign's window that is spent costs no sender its own") { queue in
            _ = try await queue.add(AskedSender(rate: 1))
            let job = try await queue.insert(AskedJob(category: .otp, campaign: "spring"))
            _ = try await queue.insert(AskedJob(person: 1, category: .otp, campaign: "spring"))
            try await queue.change(.rate(campaign: "spring", 1))
            let lane = try await queue.lane(of: job)
            let campaign = CampaignWindow(rate: .long(1), wanted: 1)
            _ = try await queue.take(lane, limit: 1, campaign: campaign) { _ in Verdict() }
            let window = RateWindow(milliseconds: 1_000_000_000)
            let late = try await queue.take(lane, limit: 1, window: window, campaign: campaign).take
            try demand(late.wonSlot == nil && late.rows.isEmpty, "nobody wins what he cannot use")
            let free = try await queue.take(lane, limit: 1, window: window) { _ in Verdict() }.take
            try demand(free.wonSlot == free.slot, "and it is there for the others")
        },
        Contract("who does not own the sender's window wins no share of the campaign's") { queue in
            _ = try await queue.add(AskedSender(rate: 1))
            let job = try await queue.insert(AskedJob(category: .otp, campaign: "spring"))
            try await queue.change(.rate(campaign: "spring", 1))
            let lane = try await queue.lane(of: job)
            let window = RateWindow(milliseconds: 1_000_000_000)
            _ = try await queue.take(lane, window: window) { _ in Verdict() }
            let campaign = CampaignWindow(rate: .long(1), wanted: 1)
            let other = try await queue.take(lane, worker: "w2", window: window, campaign: campaign).take
            try demand(other.campaign?.won, is: 0, "he wins none")
            try demand(other.campaign?.isSpent, is: false, "they are there")
            let owned = RateWindow(milliseconds: 1_000_000_000, ownedSlot: other.slot)
            let owner = try await queue.take(lane, window: owned, campaign: campaign).take
            try demand(owner.campaign?.won, is: 1, "for the owner")
        },
        Contract("what is looked at is leased, and what a take records is recorded with it") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            try await queue.record(
                Record(events: [job.event(.answered(.accepted(providerID: "SM1")))], dueRow: job.dueRow(.receipt)))
            let begun = try await queue.take(try await queue.lane(of: job.id), rule: { Verdict(looking: $0) }).begun
            try demand(begun.looks.map(\.reason), is: [.receipt], "a look")
            try demand(begun.looks.first?.history.providerIDs[1], is: "SM1", "with its history")
            guard let lease = begun.leaseID else { throw Broken(description: "a look has a lease") }
            try demand(try await queue.store.leases(of: "w1").contains(lease), "the lease is the worker's")
            try await queue.record(Record(dueRow: job.dueRow(.decide)), doneLeases: [lease])
            try demand(try await queue.store.leases(of: "w1").contains(lease), is: false, "and given back")
            _ = try await queue.take(try await queue.lane(of: job.id)) { take in
                var verdict = Verdict()
                verdict.done = take.rows.map(\.due)
                verdict.records = [Record(events: [job.event(.held(reason: "test"))])]
                return verdict
            }
            try demand(try await queue.events(of: job.id).contains("1 held/held"), "recorded in the take")
            try demand(try await queue.dueRows(of: job.id), is: [], "and the row is done with")
        },
    ]
}

extension ContractQueue {
    /// A take that begins nothing, by a campaign's rate in a window so long that no test sees two.
    fileprivate func take(
        _ wanted: Int, of rate: Double, in lane: LaneState, owned: Int? = nil, left: Int = 0, worker: String = "w1"
    ) async throws -> Take {
        let campaign = CampaignWindow(rate: .long(rate), wanted: wanted, ownedSlot: owned, left: left)
        return try await take(lane, limit: wanted, worker: worker, campaign: campaign) { _ in Verdict() }.take
    }
}

extension CampaignRate {
    fileprivate static func long(_ perSecond: Double) -> CampaignRate {
        var rate = CampaignRate(perSecond)
        rate.milliseconds = 1_000_000_000
        return rate
    }
}

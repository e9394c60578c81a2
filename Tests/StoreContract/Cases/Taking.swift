import Delivery
import JobQueue

extension Contract {
    static let taking: [Contract] = [
        Contract("a look shows the lanes that have rows, in the order of their ids, each with its first row") { queue in
            let sender = try await queue.add(AskedSender(rate: 3))
            _ = try await queue.add(AskedSender(channel: .email))
            let mail = try await queue.insert(AskedJob(channel: .email))
            let first = try await queue.insert(AskedJob())
            let second = try await queue.insert(AskedJob())
            let urgent = try await queue.insert(AskedJob(category: .otp))
            let lanes = try await queue.lanes()
            try demand(lanes.map(\.lane.rawValue), is: lanes.map(\.lane.rawValue).sorted(), "in order")
            try demand(Set(lanes.map(\.first.jobID)), is: [mail, first, urgent], "first rows")
            let lane = try await queue.lane(of: second)
            try demand(lane.sender, is: SenderState(id: sender, channel: .sms, rate: 3), "the sender")
            try demand(lane.purpose == .send && lane.priority == 2 && lane.isOpen, "a lane of sends that is open")
            try demand(lanes.filter { $0.priority == 0 }.map(\.first.jobID), is: [urgent], "priorities have lanes")
        },
        Contract("a look tells the version of the rules of contact, and who reads them then has at least that") {
            queue in
            let look = { () async throws -> Int in
                try await queue.store.look([LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)])
                    .rulesVersion
            }
            let before = try await look()
            let first = try await queue.store.contactRules()
            try demand(first.version, is: before, "what was read is what a look tells")
            try demand(first.blocked.longestMatch(of: "+15550000001") == nil, "nothing is blocked")
            try await queue.change(.block(prefix: "1555"))
            try demand(try await look() > before, "a change gives another version")
            let second = try await queue.store.contactRules()
            try demand(second.version, is: try await look(), "the version of the change")
            try demand(second.blocked.longestMatch(of: "+15550000001")?.prefix, is: 1555, "the change")
        },
        Contract("a look begins each lane after the key it is given") { queue in
            _ = try await queue.add(AskedSender())
            let first = try await queue.insert(AskedJob())
            let second = try await queue.insert(AskedJob())
            let urgent = try await queue.insert(AskedJob(category: .otp))
            let lane = try await queue.lane(of: first)
            let behind = try await queue.store.look([
                LaneSegment(lane: Lane(rawValue: -1), after: .start, until: lane.lane),
                LaneSegment(lane: lane.lane, after: lane.first, until: .end),
            ]).lanes
            try demand(Set(behind.map(\.first.jobID)), is: [second, urgent], "what is up to the key is not shown")
            let before = try await queue.store.look([
                LaneSegment(lane: Lane(rawValue: -1), after: .start, until: lane.lane)
            ]).lanes
            try demand(before.contains { $0.lane == lane.lane }, is: false, "a segment ends before its last lane")
        },
        Contract("a lane is closed while its sender is disabled or paused, or its campaign paused") { queue in
            let sender = try await queue.add(AskedSender())
            let refused = try await queue.begun(AskedJob(person: 7))
            let job = try await queue.insert(AskedJob(campaign: "spring"))
            let plain = try await queue.insert(AskedJob())
            let isOpen = { () async throws -> [Bool] in
                [try await queue.lane(of: job).isOpen, try await queue.lane(of: plain).isOpen]
            }
            try demand(try await queue.lane(of: job).campaignID != nil, "a campaign has lanes of its own")
            try await queue.change(.pause(campaign: "spring", true))
            try demand(try await isOpen(), is: [false, true], "the campaign is paused")
            try await queue.change(.pause(campaign: "spring", false))
            try await queue.change(.enable(sender: sender, false))
            try demand(try await isOpen(), is: [false, false], "the sender is disabled")
            try await queue.change(.enable(sender: sender, true))
            let sent = Record.SenderNews(jobID: refused.id, generation: 1)
            let twice = Record(refusals: [.init(sent, reason: "test", limit: 2), .init(sent, reason: "test", limit: 2)])
            try await queue.record(twice)
            try demand(try await isOpen(), is: [true, true], "two refusals of one job count as one")
            try await queue.record(Record(refusals: [.init(sent, reason: "test", limit: 1)]))
            try demand(try await isOpen(), is: [false, false], "the sender is paused")
            try await queue.pass(.seconds(31))
            try demand(try await isOpen(), is: [true, true], "the pause is over")
            let rate = { () async throws -> Double? in try await queue.lane(of: plain).sender?.rate }
            try demand(try await rate(), is: 1, "the sender is tried with one send a second")
            try await queue.pass(.seconds(61))
            try demand(try await rate(), is: nil, "a minute later all is as it was, though nobody said anything")
            try await queue.record(Record(refusals: [.init(sent, reason: "test", limit: 1)]))
            try await queue.pass(.seconds(31))
            try demand(try await rate(), is: 1, "refused again, it is tried again")
            try await queue.record(Record(gotThrough: [sent]))
            try demand(try await rate(), is: nil, "something got through")
            try await queue.record(Record(refusals: [.init(sent, reason: "test", limit: 2)]))
            try demand(
                try await isOpen(), is: [true, true], "what was refused before something got through is forgotten")
        },
        Contract("a take sees the oldest rows after the floor, at most as many as it asks for") { queue in
            _ = try await queue.add(AskedSender())
            var jobs: [Int] = []
            for person in 0..<4 { jobs.append(try await queue.insert(AskedJob(person: person))) }
            let lane = try await queue.lane(of: jobs[0])
            let nothing: @Sendable (Take) -> Verdict = { _ in Verdict() }
            let two = try await queue.take(lane, limit: 2, rule: nothing).take
            try demand(two.rows.map(\.due.jobID), is: Array(jobs[0..<2]), "the oldest")
            let rest = try await queue.take(lane, floor: two.rows[1].due.key, rule: nothing).take
            try demand(rest.rows.map(\.due.jobID), is: Array(jobs[2..<4]), "after the floor")
        },
        Contract("a take does not see what is due later") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            var row = job.dueRow(.receipt)
            row.at = row.at.advanced(by: .seconds(60))
            try await queue.record(Record(dueRow: row))
            let lane = try await queue.lane(of: job.id)
            try demand(try await queue.take(lane).take.rows.isEmpty, "it is not due")
            try await queue.pass(.seconds(61))
            try demand(try await queue.take(lane).take.rows.count, is: 1, "it is due")
        },
        Contract("a take skips what another transaction holds") { queue in
            _ = try await queue.add(AskedSender())
            let held = try await queue.insert(AskedJob())
            let free = try await queue.insert(AskedJob(person: 1))
            let lane = try await queue.lane(of: held)
            try await queue.holding(held) {
                try demand(try await queue.take(lane).take.rows.map(\.due.jobID), is: [free], "what is held is skipped")
            }
            try demand(try await queue.take(lane).take.rows.map(\.due.jobID), is: [held], "and is there afterwards")
        },
        Contract("a rule that does nothing changes nothing, and rows that are left stay as they were") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.insert(AskedJob(body: String(repeating: "long ", count: 60)))
            let other = try await queue.insert(AskedJob(person: 1))
            let before = try await queue.dueRows(of: job)
            try demand(before.first?.cost, is: 2, "a long text costs more")
            let lane = try await queue.lane(of: job)
            let begun = try await queue.take(lane) { _ in Verdict() }.begun
            try demand(begun.sends.isEmpty && begun.looks.isEmpty && begun.leaseID == nil, "nothing is begun")
            _ = try await queue.take(lane) { take in
                var verdict = Verdict(sending: take)
                verdict.sends.removeFirst()
                verdict.done.removeFirst()
                return verdict
            }
            try demand(try await queue.dueRows(of: job), is: before, "the row that was left")
            try demand(try await queue.events(of: job), is: [], "and its job")
            try demand(try await queue.dueRows(of: other), is: [], "the row that was not left")
        },
        Contract("a take tells what its snapshot knows of a job") { queue in
            let sender = try await queue.add(AskedSender())
            let job = try await queue.insert(AskedJob(body: "What was asked", category: .alert))
            let lane = try await queue.lane(of: job)
            let nothing: @Sendable (Take) -> Verdict = { _ in Verdict() }
            let seen = try await queue.take(lane, rule: nothing).take
            guard let first = seen.jobs.first else { throw Broken(description: "the job is there") }
            try demand(first.content.body, is: "What was asked", "its text")
            try demand(first.sender?.id, is: sender, "the lane's sender")
            try demand([first.isEnded, first.isBegun, first.isSuppressed], is: [false, false, false], "a fresh job")
            try demand(first.category == .alert && first.priority == 1 && first.takenAt == seen.takenAt, "its words")
            try await queue.change(.suppress(AskedJob().phone, .sms))
            try await queue.change(.cancel(job: job))
            let later = try await queue.take(lane, rule: nothing).take.jobs.first
            try demand([later?.isEnded, later?.isSuppressed], is: [true, true], "what was committed since")
        },
        Contract("the first due row of a lane can be held unread, and no other") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.insert(AskedJob())
            let other = try await queue.insert(AskedJob(person: 1))
            let lane = try await queue.lane(of: job)
            let order = TakeOrder(lane: lane, floor: .start, limit: 1, worker: "w1")
            try demand(try await queue.store.holdFirst(of: order, because: "huge"), is: job, "the first")
            try demand(try await queue.events(of: job), is: ["1 held/held"], "held")
            try demand(try await queue.dueRows(of: job), is: [], "its row is gone")
            try demand(try await queue.dueRows(of: other).count, is: 1, "the next is as it was")
            _ = try await queue.take(lane)
            try demand(try await queue.store.holdFirst(of: order, because: "huge"), is: nil, "nothing is due")
        },
        Contract("what a person has released is not forgotten when it cannot be read again") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.insert(AskedJob())
            let holding: @Sendable (Take) -> Verdict = { take in
                var verdict = Verdict()
                verdict.holds = take.rows.map { Verdict.Hold($0.due, because: "unreadable") }
                return verdict
            }
            _ = try await queue.take(try await queue.lane(of: job), rule: holding)
            try demand(try await queue.events(of: job), is: ["1 held/held"], "held")
            try await queue.change(.release(job: job))
            let released = try await queue.dueRows(of: job)
            try demand(released.map(\.reason), is: [.decide], "a decision is due")
            _ = try await queue.take(try await queue.lane(of: job), rule: holding)
            var again = released[0]
            again.seconds = 60
            try demand(try await queue.dueRows(of: job), is: [again], "it is looked at again in a minute")
            try await queue.pass(.seconds(61))
            let order = TakeOrder(lane: try await queue.lane(of: job), floor: .start, limit: 1, worker: "w1")
            try demand(try await queue.store.holdFirst(of: order, because: "huge"), is: nil, "it is not held twice")
            try demand(try await queue.dueRows(of: job), is: [again], "and looked at again")
        },
    ]
}

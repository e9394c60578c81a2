import Delivery
import JobQueue

extension Contract {
    static let recording: [Contract] = [
        Contract("a due row that hangs on an event comes with the event only, once") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            let decided = job.event(.decided(.retry, step: 0))
            let record = Record(events: [decided], dueRow: job.dueRow(.dispatch, generation: 2), fence: decided.key)
            try await queue.record(record, record)
            try demand(try await queue.dueRows(of: job.id).count, is: 1, "of two in one commit the first counts")
            try await queue.record(record)
            try demand(try await queue.dueRows(of: job.id).count, is: 1, "repeated it adds nothing")
            try demand(try await queue.events(of: job.id), is: ["1 intent/taken", "1 next/decided"], "each event once")
        },
        Contract("each due row stands in the lane of its reason, its priority and its channel") { queue in
            let sms = try await queue.add(AskedSender())
            _ = try await queue.add(AskedSender(channel: .email))
            let job = try await queue.begun(AskedJob(category: .alert, ladder: [.sms, .email]))
            try await queue.record(
                Record(dueRow: job.dueRow(.decide)), Record(dueRow: job.dueRow(.receipt)),
                Record(dueRow: job.dueRow(.reconcile, step: 1, channel: .email)),
                Record(dueRow: job.dueRow(.receipt, step: 1, channel: .email)),
                Record(dueRow: job.dueRow(.dispatch, generation: 2)))
            let rows = try await queue.dueRows(of: job.id)
            let lanes = Dictionary(grouping: rows) { "\($0.reason.rawValue) \($0.step)" }.mapValues { $0[0].lane }
            try demand(lanes["decide 0"], is: Lane.decide(1).rawValue, "decisions")
            try demand(lanes["receipt 0"], is: Lane.askPhone(1).rawValue, "phones")
            try demand(lanes["reconcile 1"], is: Lane.askMail(1).rawValue, "mail that nobody can account for")
            try demand(lanes["receipt 1"], is: Lane.askMail(1).rawValue, "mail")
            let send = try await queue.lanes().first { $0.lane.rawValue == lanes["dispatch 0"] }
            try demand(send?.sender?.id == sms && send?.priority == 1, "sends stand with their sender")
        },
        Contract("a due row is never due before it is recorded, and keeps its time when that is later") { queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            var early = job.dueRow(.decide)
            early.at = Instant(microseconds: 1)
            var late = job.dueRow(.receipt)
            late.at = late.at.advanced(by: .seconds(3600))
            try await queue.record(Record(dueRow: early), Record(dueRow: late))
            let rows = try await queue.dueRows(of: job.id)
            try demand(rows.map(\.reason), is: [.decide, .receipt], "in order")
            let lane = try await queue.lane(of: job.id)
            try demand(lane.first.atMicroseconds >= Int(job.takenAt.microseconds), "not in the past")
            try demand((3590...3600).contains(rows[1].seconds), "an hour from now")
        },
        Contract("an opt-out binds the job's recipient on each channel, but not against a later word") { queue in
            _ = try await queue.add(AskedSender())
            _ = try await queue.add(AskedSender(channel: .email))
            let asked = AskedJob(ladder: [.email, .sms])
            let job = try await queue.begun(asked)
            let optOut = { (at: Instant?) in
                Record(suppressions: [
                    .init(
                        jobID: job.id, generation: job.generation, channels: [.sms, .voice], reach: .everything,
                        reason: "test", source: "test", at: at)
                ])
            }
            let isSuppressed = { () async throws -> Bool? in
                let text = try await queue.insert(AskedJob())
                let lane = try await queue.lane(of: text)
                let seen = try await queue.take(lane) { _ in Verdict() }.take.jobs.first { $0.id == text }
                return seen?.isSuppressed
            }
            try await queue.record(optOut(nil))
            try demand(try await isSuppressed(), is: true, "the number of a job that is at its mail step")
            try await queue.change(.lift(asked.phone, .sms))
            try demand(try await isSuppressed(), is: false, "lifted")
            try await queue.record(optOut(job.takenAt))
            try demand(try await isSuppressed(), is: false, "what is older than the lifting changes nothing")
            try await queue.record(optOut(nil))
            try demand(try await isSuppressed(), is: true, "news of this moment does")
        },
        Contract("a number that a provider called dead is known as such on its channels, by codes that are remembered")
        {
            queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            let seen = { () async throws -> DeadAddress? in
                let text = try await queue.insert(AskedJob())
                let lane = try await queue.lane(of: text)
                return try await queue.take(lane) { _ in Verdict() }.take.jobs.first { $0.id == text }?.dead
            }
            let said = { (channel: Channel, code: String) in
                Record(dead: [.init(jobID: job.id, channels: [channel], failure: .landline, code: code)])
            }
            try await queue.record(said(.sms, "99999"), said(.voice, "30006"))
            try demand(try await seen(), is: nil, "a code that is not remembered, and another channel")
            try await queue.record(said(.sms, "30006"), said(.sms, "30006"))
            let dead = try await seen()
            try demand(dead?.code, is: "30006", "the code")
            try demand(dead?.failure, is: .landline, "its class")
            let days = dead.map { job.takenAt.duration(to: $0.until) / .seconds(86_400) } ?? 0
            try demand((179.9...180.1).contains(days), "for as long as the code says")
            var reached = Record()
            reached.alive = [.init(jobID: job.id, channel: .whatsapp)]
            try await queue.record(reached)
            try demand(try await seen()?.code, is: "30006", "a message reached it on another channel")
            reached.alive = [.init(jobID: job.id, channel: .sms)]
            try await queue.record(reached)
            try demand(try await seen(), is: nil, "a message reached it")
        },
        Contract("what was looked up of a number is told to a take that a rule wants it told, while it is good") {
            queue in
            _ = try await queue.add(AskedSender())
            let job = try await queue.begun()
            let seen = { (category: Delivery.Category) async throws -> NumberLookup? in
                let text = try await queue.insert(AskedJob(category: category))
                let lane = try await queue.lane(of: text)
                return try await queue.take(lane) { _ in Verdict() }.take.jobs.first { $0.id == text }?.lookup
            }
            let learn = { (answers: [LookupPackage: NumberLookup.Answer]) in
                var record = Record()
                record.lookups = [Record.LookedUp(jobID: job.id, channel: job.channel, NumberLookup(answers))]
                try await queue.record(record, record)
            }
            try await queue.change(.lookUp(.alert))
            try await learn([.lineType: .line(.landline), .risk: .nothing(code: "60606")])
            try demand(try await seen(.transactional), is: NumberLookup(), "no rule asks for it")
            let silent = NumberLookup.Answer.nothing(code: "told_nothing")
            let told = NumberLookup([.lineType: .line(.landline), .risk: silent])
            try demand(try await seen(.alert), is: told, "what was found, and that nothing was")
            try await learn([.lineType: .nothing(code: "http_503"), .risk: .risk(7)])
            let more = NumberLookup([.lineType: .line(.landline), .risk: .risk(7)])
            try demand(try await seen(.alert), is: more, "no news takes nothing away")
            try await queue.pass(.seconds(700))
            try demand(try await seen(.alert), is: more, "good for longer than what was not found")
            try await queue.pass(.seconds(90 * 86_400))
            try demand(try await seen(.alert), is: NumberLookup(), "after 90 days it is unknown")
            try await learn([.risk: .nothing(code: "60606")])
            try demand(try await seen(.alert), is: NumberLookup([.risk: silent]), "and asked again")
            try await queue.pass(.seconds(601))
            try demand(try await seen(.alert), is: NumberLookup(), "ten minutes later once more")
        },
        Contract("a listed message is one attempt's, once and for all") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun()
            let other = try await queue.begun(AskedJob(person: 1))
            let adopt = { (id: String, job: TakenJob) in try await queue.adopt(id, for: job) }
            try demand(try await adopt("SM1", one), is: .ours, "who asks first has it")
            try demand(try await adopt("SM1", other), is: .anothers, "and nobody else")
            try demand(try await adopt("SM1", one), is: .ours, "asked again it says the same")
            try await queue.record(Record(events: [other.event(.answered(.accepted(providerID: "SM2")))]))
            try demand(try await adopt("SM2", one), is: .anothers, "an answer has told whose it is")
            try await queue.record(Record(events: [one.event(.decided(.resend, step: 0))]))
            try demand(try await adopt("SM3", one), is: .anothers, "an attempt that was given up takes none")
            try await queue.change(.cancel(job: other.id))
            try demand(try await adopt("SM4", other), is: .anothers, "nor does one whose job has ended")
        },
        Contract("a listed message is nobody's while another job's send is open that looks like it") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun(AskedJob(category: .otp))
            let other = try await queue.begun(AskedJob(category: .alert))
            try demand(try await queue.adopt("SM1", for: one), is: .contested, "it may be either's")
            try demand(try await queue.adopt("SM1", for: other), is: .contested, "whoever asks")
            let answered = other.event(.answered(.accepted(providerID: "SM2")))
            try await queue.record(Record(events: [answered], settled: other.open()))
            try demand(try await queue.adopt("SM2", for: one), is: .anothers, "the answer told whose that one is")
            try demand(try await queue.adopt("SM1", for: one), is: .ours, "and with it whose this one is")
        },
        Contract("a receipt that names the message of a send takes it out of the way of those like it") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun(AskedJob(category: .otp))
            let other = try await queue.begun(AskedJob(category: .alert))
            let unnamed = JobEvent.receipt(.init(status: "queued", .progress))
            try await queue.record(Record(events: [other.event(unnamed)]))
            try demand(try await queue.adopt("SM1", for: one), is: .contested, "no id, no help")
            let named = JobEvent.receipt(.init(status: "sent", .reached(.sent), providerID: "SM2"))
            try await queue.record(Record(events: [other.event(named)]))
            try demand(try await queue.adopt("SM1", for: one), is: .ours, "its own is another one")
        },
        Contract("a send that was given up holds up nobody, and still keeps others from its message") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun(AskedJob(category: .otp))
            let other = try await queue.begun(AskedJob(category: .alert))
            try await queue.record(
                Record(events: [one.event(.decided(.resend, step: 0))], settled: one.open(isGivenUp: true)))
            try demand(try await queue.adopt("SM1", for: other), is: .contested, "it may have made the message")
            let again = try await queue.begun(AskedJob(category: .otp))
            try demand(again.id > other.id, "another of its kind begins")
            try await queue.record(Record(settled: again.open()))
            try await queue.record(Record(settled: one.open()))
            try demand(try await queue.adopt("SM1", for: other), is: .ours, "until it is known what became of it")
        },
        Contract("a send that began beside another one keeps others from its message, too") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun(AskedJob(category: .otp))
            let second = try await queue.insert(AskedJob(category: .otp))
            try await queue.pass(.seconds(6))
            let lane = try await queue.lane(of: second)
            let begun = try await queue.take(lane, rule: { Verdict(sending: $0, patience: .seconds(5)) }).begun
            guard let beside = begun.sends.first else { throw Broken(description: "it begins beside the first") }
            try demand(try await queue.adopt("SM1", for: one), is: .contested, "it may be the second's")
            let third = try await queue.insert(AskedJob(category: .otp))
            try await queue.record(Record(settled: one.open()))
            try demand(try await queue.adopt("SM1", for: beside), is: .ours, "the first is known")
            try demand(try await queue.take(lane).begun.sends.map(\.id), is: [third], "and nobody waits for the second")
            try await queue.record(Record(settled: beside.open()))
            try demand(try await queue.adopt("SM2", for: one), is: .contested, "only for a third")
        },
        Contract("what a listing shows tells messages apart: their words, and when they were made") { queue in
            _ = try await queue.add(AskedSender())
            let one = try await queue.begun(AskedJob(body: "Code 1"))
            _ = try await queue.begun(AskedJob(body: "Code 2"))
            let (hidden, shown) = (Sighting(), Sighting(showsText: true))
            try demand(try await queue.adopt("SM1", for: one, in: hidden), is: .contested, "no words are shown")
            try demand(try await queue.adopt("SM1", for: one, in: shown), is: .ours, "others were looked for")
            try await queue.pass(.seconds(60))
            let later = try await queue.begun(AskedJob(body: "Code 3"))
            let near = { (seconds: Int) in Sighting(reach: .seconds(seconds)) }
            try demand(try await queue.adopt("SM3", for: later, in: near(90)), is: .contested, "a minute is near")
            try demand(try await queue.adopt("SM3", for: later, in: near(30)), is: .ours, "not within half of it")
        },
    ]
}

extension ContractQueue {
    fileprivate func adopt(
        _ id: String, for job: TakenJob, in sighting: Sighting = Sighting()
    ) async throws -> Ownership {
        try await store.adopt(
            id, job: job.id, generation: job.generation, tenant: job.tenant,
            unlessOpen: LookAlikes(of: job.sendKey, begunAt: job.takenAt, in: sighting))
    }
}

extension TakenJob {
    fileprivate func open(isGivenUp: Bool = false) -> OpenSend {
        OpenSend(key: sendKey, jobID: id, generation: generation, isGivenUp: isGivenUp)
    }
}

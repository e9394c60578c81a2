import Delivery
import Inbox

extension World {
    /// Plans everything that applications, people and operators do.
    mutating func planWorkload() {
        for sender in workload.senders { database.add(sender) }
        planSchedules()
        planContact()
        database.campaignRates = workload.campaignRates
        for change in workload.rateChanges {
            upcoming.add(at: change.at) { world in
                world.database.campaignRates[change.campaign] = change.rate
                world.note(.rated(campaign: change.campaign, change.rate))
            }
        }
        database.ladders = Workload.ladders
        for address in workload.phones { openWindow(address) }
        for number in 1...workload.jobs {
            let span = random.chance(50) ? Int(workload.faultsEnd) : 2_000_000
            upcoming.add(at: Time(random.pick(0..<span))) { $0.ask(number) }
        }
        let end = Int(workload.faultsEnd)
        let words = plan.optOutStorm ? random.pick(2..<8) : random.pick(0..<2)
        for _ in 0..<words {
            upcoming.add(at: Time(random.pick(0..<end))) { world in
                let address = world.random.pick(world.workload.phones)
                let keyword: OptOutKeyword? = world.random.pick([.stop, .stop, .start, nil])
                let channel: Channel = world.random.pick([.sms, .whatsapp])
                let isToClub = (world.workload.inboundCount + 1).isMultiple(of: world.workload.clubWords)
                let to = isToClub ? Workload.clubNumber : "+15005550001"
                world.write(from: address, to: to, on: channel, keyword: keyword)
            }
        }
        if plan.pausesCampaigns {
            for campaign in 1...2 { pauseAndResume(campaign, from: random.pick(0..<end), until: end) }
        }
        if workload.jobs.isMultiple(of: 3) {
            setBudget(1, of: 1)
            upcoming.add(at: Time(end)) { $0.setBudget(nil, of: 1) }
        }
        if plan.cancelsCampaigns { upcoming.add(at: Time(random.pick(0..<end))) { $0.cancel(campaign: 2) } }
        if plan.replays {
            for _ in 0..<4 {
                upcoming.add(at: Time(random.pick(0..<end))) { world in
                    guard !world.workload.inbound.isEmpty else { return }
                    world.callBack(world.random.pick(world.workload.inbound))
                }
            }
        }
    }

    private mutating func pauseAndResume(_ campaign: Int, from start: Int, until end: Int) {
        guard start < end else { return }
        let resumed = start + random.pick([100_000, 2_000_000, 20_000_000])
        upcoming.add(at: Time(start)) { $0.pause(campaign: campaign, true) }
        upcoming.add(at: Time(min(resumed, end - 1))) { $0.pause(campaign: campaign, false) }
        pauseAndResume(campaign, from: resumed + random.pick(1..<30_000_000), until: end)
    }

    /// Some wrote to us on WhatsApp long ago, some a moment before their window closes, some never.
    private mutating func openWindow(_ address: String) {
        let ages: [Time?] = [nil, .seconds(90_000), .seconds(86_340), .seconds(86_380), .seconds(3600)]
        guard let age = random.pick(ages) else { return }
        workload.inboundCount += 1
        let id = "IN\(workload.inboundCount)"
        let (to, now) = ("+15005550001", now)
        database.inbound.insert(id)
        database.windows[ConversationKey(address: address, sender: to)] = now - age
        workload.inbound.append(
            .inbound(InboundArrival(providerID: id, channel: .whatsapp, from: address, to: to, keyword: nil)))
        note(.wrote(address: address, to: to, id: id, ago: age))
    }

    private mutating func ask(_ number: Int) {
        let job = makeJob(number)
        var route = plan.route(isQuiet: true, using: &random)
        // A transaction that stays open hides its rows, and must not be overtaken by a floor.
        if plan.longTransactions, random.chance(40) { route.work = .milliseconds(random.pick([300, 2000, 9000])) }
        commitJob(job, route, attempt: 1)
        if random.chance(6) {
            after(Time.milliseconds(random.pick([5, 800, 20_000]))) { world in
                guard world.database.jobs[number] != nil, !world.database.isDown else { return }
                world.add(
                    RecordedEvent(jobID: number, generation: 0, at: world.now.instant, .ended(.canceled)))
                world.askEnds(of: number, .canceled)
            }
        }
    }

    /// The application repeats an insert that failed: with its idempotency key, so once is enough.
    private mutating func commitJob(_ job: JobRow, _ route: Route, attempt: Int) {
        run(route, { $0.beginInsert(job) }) { world, result in
            guard case .failure = result, attempt < 100 else { return }
            world.after(.seconds(1)) { world in
                guard world.database.jobs[job.id] == nil else { return }
                world.commitJob(job, world.plan.route(isQuiet: true, using: &world.random), attempt: attempt + 1)
            }
        }
    }

    /// The insert and its trigger: the time of the first due row is the clock after the row is in, not at the commit.
    private func beginInsert(_ job: JobRow) -> Transaction<Void> {
        let at = now
        return Transaction(commit: { world in
            var job = job
            job.suppressedAtInsert = Set(world.database.suppressions.keys)
            job.createdAt = at
            // Of a campaign that was canceled it is refused, and asked for without.
            if let campaign = job.campaignID, world.database.canceledCampaigns.contains(campaign) {
                job.campaignID = nil
            }
            world.database.jobs[job.id] = job
            world.note(.asked(job))
            if job.isFed, let campaign = job.campaignID {
                world.database.unfed[campaign, default: []].append(job.id)
            } else {
                world.place(
                    job, at: max(at, job.runAt ?? at), .dispatch, step: 0, generation: 1, ladderID: job.ladderID)
            }
        })
    }

    private mutating func makeJob(_ number: Int) -> JobRow {
        var job = JobRow(id: number, category: random.pick(Category.allCases))
        if number.isMultiple(of: workload.clubJobs) { job.tenant = "club" }
        if random.chance(60) {
            job.ladderID = random.pick(0..<Workload.ladders.count)
            job.phone = random.chance(90) ? random.pick(workload.phones) : nil
            job.email = job.phone == nil || random.chance(80) ? random.pick(workload.mails) : nil
        } else {
            let channel = random.pick(Channel.allCases)
            job.channel = channel
            job.address = channel == .email ? random.pick(workload.mails) : random.pick(workload.phones)
            job.waitSeconds = random.pick([5, 20, 120])
        }
        if random.chance(30) { job.template = random.pick(0..<2) } else { job.body = random.pick(Workload.texts) }
        if random.chance(40) { job.campaignID = random.pick(1..<3) }
        if plan.hugeRows { (job.isHuge, job.isUnreadable) = (random.chance(8), random.chance(8)) }
        if random.chance(15) { job.runAt = now + .seconds(random.pick(1..<30)) }
        if random.chance(15) { job.expiresAt = (job.runAt ?? now) + .seconds(random.pick([2, 20, 90])) }
        return job
    }

    /// An operator decides, now and then, what is held.
    mutating func releaseHeld() {
        for job in database.jobs.keys.sorted() where database.isHeld(job) && !database.hasEnded(job) {
            guard random.chance(40), let held = database.events[job]?.last(where: \.event.isHold) else {
                continue
            }
            // The operator looks at the provider's own console, so what is said is true.
            let wasSent = provider.messages.contains { $0.wire.jobID == job && $0.wire.generation == held.generation }
            let released = RecordedEvent(
                jobID: job, generation: held.generation, step: held.step, ladderID: held.ladderID,
                channel: held.channel, senderID: held.senderID, at: now.instant, .released(asSent: wasSent))
            guard add(released) else { continue }
            lookAgain(at: held, from: now)
        }
    }
}

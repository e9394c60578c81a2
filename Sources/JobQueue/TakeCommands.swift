import Delivery
import Postgres

extension Command {
    static func take(_ order: TakeOrder, knowing ladders: [Int]) -> Command {
        Command(
            .take,
            [
                .int(order.lane.lane.rawValue), .int(order.floor.atMicroseconds), .int(order.floor.jobID),
                .int(order.limit), .text(order.worker), .int(order.lane.sender?.id),
                .int(order.window?.milliseconds), .int(order.window?.ownedSlot), .intArray(ladders),
                .int(order.campaign.flatMap { _ in order.lane.campaignID }), .double(order.campaign?.rate.perSecond),
                .int(order.campaign?.rate.milliseconds), .int(order.campaign?.rate.shares),
                .int(order.campaign?.rate.perWindow), .int(order.campaign?.wanted), .int(order.campaign?.ownedSlot),
                .int(order.campaign?.left),
                .int(order.lane.hasWindow ? order.lane.campaignID : nil),
            ])
    }
}

extension Verdict {
    /// What the transaction of a take does after its rules have spoken. Nothing decided is nothing done.
    func commands(for order: TakeOrder, takenAt: Instant) -> [Command] {
        guard !isNothing else { return [] }
        var commands = [Command(.dropDue, [.textArray(done.map(\.place))])]
        if !sends.isEmpty { commands.append(beginSends(order, takenAt)) }
        if !capUses.isEmpty || !capHits.isEmpty { commands.append(countCaps) }
        if !looks.isEmpty { commands.append(leaseLooks(order)) }
        if !records.isEmpty {
            commands.append(Command(.record, RecordedRows(records).parameters(worker: order.worker, doneLeases: [])))
        }
        if !holds.isEmpty {
            commands.append(
                Command(
                    .holdRows,
                    [.textArray(holds.map(\.due.place)), .textArray(holds.map(\.reason)), .text(order.worker)]))
        }
        return commands
    }

    private func beginSends(_ order: TakeOrder, _ takenAt: Instant) -> Command {
        let jobs = sends.map(\.job)
        let keys = jobs.map(\.sendKey)
        let wait = JobEvent.waitsForOpenSend.columns
        return Command(
            .beginSends,
            [
                .intArray(jobs.map(\.id)), .intArray(jobs.map(\.generation)), .intArray(jobs.map(\.step)),
                .optionalIntArray(jobs.map(\.ladderID)), .textArray(jobs.map(\.channel.rawValue)),
                .textArray(jobs.map(\.address)), .intArray(keys.map(\.value)), .intArray(keys.map(\.likeness)),
                .optionalIntArray(keys.map(\.content)), .textArray(jobs.map(\.tenant)),
                .textArray(sends.map { $0.patience.map { String(Double($0.components.seconds)) } }),
                .intArray(jobs.map(\.due.cost)), .text(order.worker), .int(order.lane.sender?.id),
                .int(order.lane.lane.rawValue), .int(order.lane.campaignID), .int(Int(takenAt.microseconds)),
                .text(wait.status), .text(wait.code), .text(wait.reason), .textArray(jobs.map(\.category.rawValue)),
            ])
    }

    private var countCaps: Command {
        Command(
            .countCaps,
            [
                .intArray(capUses.map(\.cap.id)), .intArray(capUses.map(\.key)), .intArray(capUses.map(\.weight)),
                .intArray(capUses.map(\.jobID)), .intArray(capUses.map(\.generation)),
                .textArray(capUses.map { $0.cap.subject.countsJobs ? "job" : "minute" }),
                .intArray(capHits.map(\.capID)), .intArray(capHits.map(\.jobID)),
                .intArray(capHits.map { $0.wasEnforced ? 1 : 0 }),
            ])
    }

    private func leaseLooks(_ order: TakeOrder) -> Command {
        Command(
            .leaseLooks,
            [
                .text(order.worker), .intArray(looks.map(\.id)), .intArray(looks.map(\.generation)),
                .intArray(looks.map(\.step)), .optionalIntArray(looks.map(\.ladderID)),
                .textArray(looks.map(\.reason.rawValue)),
            ])
    }

    /// Reads the answers to `commands`.
    func begun(_ answers: [[Row]]) throws -> Begun {
        guard !isNothing else { return Begun() }
        var begun = Begun()
        var rest = answers.dropFirst()
        if !sends.isEmpty {
            let rows = rest.removeFirst()
            var tokens: [JobAttempt: String] = [:]
            for row in rows {
                tokens[JobAttempt(try row.int("job_id"), try row.int("generation"))] = try row.string("token")
                begun.leaseID = try row.int("lease_id")
            }
            begun.sends = sends.compactMap { send in
                var job = send.job
                // Once: two due rows for one attempt are one send.
                job.token = tokens.removeValue(forKey: JobAttempt(job.id, job.generation))
                return job.token == nil ? nil : job
            }
        }
        if !capUses.isEmpty || !capHits.isEmpty { rest.removeFirst() }
        if !looks.isEmpty {
            begun.leaseID = try rest.removeFirst().first?.int("lease_id")
            begun.looks = looks
        }
        return begun
    }

    private struct JobAttempt: Hashable {
        var job: Int
        var generation: Int

        init(_ job: Int, _ generation: Int) {
            self.job = job
            self.generation = generation
        }
    }
}

extension Command {
    /// Locks what the claims are counted under, and says how much is.
    static func capRoom(_ question: CapQuestion) -> Command {
        let jobs = question.claims.map(\.job)
        return Command(
            .capRoom,
            [
                .intArray(question.claims.map(\.cap.id)), .intArray(jobs.map(\.id)), .textArray(jobs.map(\.tenant)),
                .textArray(jobs.map(\.channel.rawValue)), .textArray(jobs.map(\.address)),
                .intArray(jobs.map(\.due.cost)),
            ])
    }
}

extension CapQuestion {
    /// Reads the answer to `capRoom`.
    func rooms(_ answers: [[Row]]) throws(StoreError) -> [CapRoom?] {
        var rooms: [CapRoom?] = Array(repeating: nil, count: claims.count)
        do {
            for row in answers.first ?? [] {
                let place = try row.int("claim") - 1
                guard rooms.indices.contains(place) else { throw StoreError.unreadable("claim: none that was asked") }
                rooms[place] = CapRoom(
                    key: try row.int("key"), weight: try row.int("weight"), isCounted: try row.bool("is_counted"),
                    used: try row.int("used"),
                    frees: try row.intArray("frees").map { Instant(microseconds: Int64($0)) },
                    now: Instant(microseconds: Int64(try row.int("now_us"))))
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(String(describing: error))
        }
        return rooms
    }
}

extension LaneSurvey {
    /// - Parameter rows: one for each lane, and one without a lane when there is none.
    init(_ rows: [Row]) throws {
        guard let first = rows.first else { throw StoreError.unreadable("a look answers with at least one row") }
        let present = Instant(microseconds: Int64(try first.int("present")))
        self.init(
            present: present,
            lanes: try rows.compactMap { row in
                try row.optionalString("lane") == nil ? nil : try LaneState(row, now: present)
            }, rulesVersion: try first.int("rules_version"))
    }
}

extension LaneState {
    /// A lane whose row is not there, or whose channel this version does not know, is closed.
    fileprivate init(_ row: Row, now: Instant) throws {
        let lane = Lane(rawValue: try row.int("lane"))
        let purpose = try row.optionalString("purpose").flatMap(Purpose.init)
        let channel = try row.optionalString("channel").flatMap(Channel.init)
        let rate = Consequence.rate(
            try row.optionalDouble("rate"),
            pausedUntil: try row.optionalInt("paused_until").map { Instant(microseconds: Int64($0)) },
            isRefused: try row.optionalBool("is_refused") ?? false, now: now)
        let sender = try row.optionalInt("sender_id").flatMap { id in
            channel.map { SenderState(id: id, channel: $0, rate: rate) }
        }
        let isKnown = try purpose != nil && (row.optionalInt("sender_id") == nil || sender != nil)
        self.init(
            lane: lane, purpose: purpose ?? .send, priority: try row.optionalInt("priority") ?? 3, sender: sender,
            campaignID: try row.optionalInt("campaign_id"), campaignRate: try row.optionalDouble("campaign_rate"),
            isOpen: try isKnown && row.optionalBool("is_open") ?? false,
            first: DueKey(atMicroseconds: try row.int("due_at"), jobID: try row.int("job_id")))
        hasWindow = try row.bool("has_window")
    }
}

import Delivery
import JobQueue

@testable import Simulation

/// The simulator's store in a world without faults.
struct SimulatedQueue: ContractQueue {
    private let run: SimulatedRun
    let store: any WorkStore & EndStore

    /// - Parameter bug: planted in the store.
    init(bug: PlantedBug? = nil) {
        run = SimulatedRun(still: bug)
        store = SimulatedStore(run: run, process: 0)
    }

    func add(_ sender: AskedSender) async throws -> Int {
        run.change { world in
            let id = (world.database.senders.map(\.id).max() ?? 0) + 1
            world.database.add(
                SenderRow(id: id, channel: sender.channel, address: "+1500000000\(id)", rate: sender.rate))
            return id
        }
    }

    func insert(_ job: AskedJob) async throws -> Int {
        run.change { world in
            var row = JobRow(id: (world.database.jobs.keys.max() ?? 0) + 1, category: job.category)
            row.body = job.body
            row.campaignID = job.campaign.map(Self.id)
            if job.ladder.isEmpty {
                (row.channel, row.address) = (job.channel, job.address)
            } else {
                world.database.ladders.append(Ladder(steps: job.ladder.map { .single($0) }))
                (row.ladderID, row.phone, row.email) = (world.database.ladders.count - 1, job.phone, job.mail)
            }
            world.database.jobs[row.id] = row
            world.place(row, at: world.now, .dispatch, step: 0, generation: 1, ladderID: row.ladderID)
            world.now += 1
            return row.id
        }
    }

    /// A number for a campaign's name.
    private static func id(_ campaign: String) -> Int { campaign.utf8.reduce(0) { $0 * 31 + Int($1) } }

    func change(_ change: Change) async throws { changeMeanwhile(change) }

    func changeMeanwhile(_ change: Change) {
        run.change { world in
            switch change {
            case .suppress(let address, let channel, let tenant, let category):
                let key = SuppressionKey(address: address, channel: channel, tenant: tenant, category: category)
                world.suppress(key, reason: "test")
            case .lift(let address, let channel):
                for key in world.database.suppressions.keys where key.address == address && key.channel == channel {
                    world.lift(key)
                }
            case .cancel(let job):
                world.add(RecordedEvent(jobID: job, generation: 0, at: world.instant, .ended(.canceled)))
                world.askEnds(of: job, .canceled)
            case .pause(let campaign, let isPaused): world.pause(campaign: Self.id(campaign), isPaused)
            case .rate(let campaign, let rate): world.database.campaignRates[Self.id(campaign)] = rate
            case .enable(let sender, let isEnabled): world.enable(sender: sender, isEnabled)
            case .delete(let sender): world.database.removeSender(sender)
            case .block(let prefix): world.block(prefix)
            case .cap(let most, let span):
                world.database.contactRules.caps = [
                    Cap(id: 1, name: "contract", subject: .address, most: most, span: span)
                ]
            case .lookUp(let category):
                world.database.contactRules.lookups[category] = LookupRule(category: category, asksLineType: true)
            case .release(let job): release(job, &world)
            }
        }
    }

    private func release(_ job: Int, _ world: inout World) {
        guard let held = world.database.events[job]?.last(where: \.event.isHold) else { return }
        let released = RecordedEvent(
            jobID: job, generation: held.generation, step: held.step, ladderID: held.ladderID, at: world.instant,
            .released(asSent: false))
        if world.add(released) { world.lookAgain(at: released, from: world.now) }
    }

    func events(of job: Int) async throws -> [String] {
        run.change { world in
            (world.database.events[job] ?? []).map { "\($0.generation) \($0.columns.kind)/\($0.columns.status)" }
                .sorted()
        }
    }

    func dueRows(of job: Int) async throws -> [DueFact] {
        run.change { world in
            let rows = world.database.due.filter { $0.jobID == job }.sorted {
                ($0.key, $0.number) < ($1.key, $1.number)
            }
            return rows.map { row in
                DueFact(
                    lane: row.lane, reason: row.reason, step: row.step, generation: row.generation, cost: row.cost,
                    seconds: Int((max(0, row.at - world.now) + 4_999_999) / 5_000_000 * 5))
            }
        }
    }

    func pass(_ duration: Duration) async throws {
        run.change { world in
            let end = world.now + Time(duration)
            while let next = world.upcoming.next, next <= end, world.step() {}
            world.now = end
        }
    }

    func holding(_ job: Int, _ body: () async throws -> Void) async throws {
        let held = run.change { world in
            let held = world.database.due.filter { $0.jobID == job }.map(\.number)
            world.database.locked.formUnion(held)
            return held
        }
        try await body()
        run.change { $0.database.locked.subtract(held) }
    }
}

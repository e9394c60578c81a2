import ArgumentParser
import Delivery
import Foundation
import Insight
import JobQueue
import Logging
import Postgres
import Rendering
import Sandbox
import Synchronization

struct CampaignRehearse: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Run a campaign against simulated providers, and compare it with its preview.",
        discussion: """
            Reads what the campaign says and its people, or FILE, and writes nothing. A private PostgreSQL in a temporary \
            directory gets the campaign and some of the people, under other keys, numbers of the same calling code and \
            mailboxes of example.com. The same worker and gateway send to the sandbox, at time scale. Then the report \
            stands beside the preview, and the database is deleted. Start, end and sending hours are not heeded. \
            Needs the role outrider_operator and PostgreSQL's programs on this host.

            Examples: outrider campaign rehearse spring
                      outrider campaign rehearse spring people.csv --delivered 80 --silent 20 --json

            \(ExitStatus.help)
            """)

    @OptionGroup var campaign: CampaignOptions
    @Argument(help: "A CSV file, or - for standard input.") var file: String?
    @Option(help: "How many people at most, 1 to 100000; taken evenly. The figures are those of all.") var people =
        2_000
    @Option(help: "How many times faster. Left out, it ends in about a minute.") var timeScale: Double?
    @Option(help: "Another one takes other people and other fates.") var seed: UInt64 = 1
    @OptionGroup var fates: FateOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...100_000).contains(people) else { throw ValidationError("--people is 1 to 100000.") }
        guard timeScale.map({ (0.01...100_000).contains($0) }) ?? true else {
            throw ValidationError("--time-scale is 0.01 to 100000.")
        }
    }

    func perform() async throws {
        let (forecast, sample, rows, plan) = try await read()
        let people = sample.taken()
        guard !people.isEmpty else { throw Failure("there is nobody to rehearse with", .refused) }
        let shares = FateShares(fates.given)
        let slowest = forecast.costs.max { (forecast.seconds(of: $0.key) ?? 0) < (forecast.seconds(of: $1.key) ?? 0) }
        let scale = RehearsalScale(
            RehearsalScale.Campaign(
                people: sample.people, rehearsed: people.count, seconds: forecast.seconds,
                limitingRate: slowest.flatMap { rows.leastRate(of: $0.key) },
                longestWait: rows.longestWait(on: plan.channels), hasSilent: shares.hasSilent), asked: timeScale)
        let cast = RehearsalCast(people, shares: shares, seed: seed)
        let result = try await run(rows.adapted(to: scale), cast, scale)
        let report = RehearsalReport(
            campaign.name, forecast, people: sample.people, rehearsed: people.count, scale, fates: shares.text, result)
        if json { try Console.json(report) } else { try Console.data(report.text) }
        guard result.isWhole else {
            Console.note("outrider: the rehearsal was given up before everybody had ended")
            throw ExitStatus.failed.code
        }
    }

    // MARK: What it is about

    private func read() async throws -> (CampaignForecast, RehearsalSample, RehearsalRows, CampaignPlan) {
        try await DatabaseVisit.make(as: "campaign rehearse", poolSize: 2) { pool in
            let store = AudienceStore(pool)
            guard let plan = try await store.plan(of: campaign.name, tenant: campaign.tenant) else {
                throw Failure("its jobs alone say what this campaign is: there is nothing to rehearse", .refused)
            }
            // First, so that a login that may not is told at once.
            let rows = try await RehearsalRows(of: campaign.campaign, from: pool)
            var sample = RehearsalSample(of: people, seed: seed)
            var progress = LoadProgress(isShown: !json)
            guard let file else {
                let forecast = try await CampaignForecast.make(
                    of: plan, from: store, onRows: { progress.show($0) }, onPerson: { sample.add($0, $1) })
                return (forecast, sample, rows, plan)
            }
            var forecast = CampaignForecast(plan)
            var rest = try AudienceFile(file)
            while true {
                let batch = try rest.batch()
                guard batch.count > 0 else { return (forecast, sample, rows, plan) }
                forecast.add(batch, try await store.outlook(of: batch, in: plan), onPerson: { sample.add($0, $1) })
                progress.show(forecast.rows)
            }
        }
    }

    // MARK: The run

    private func run(
        _ rows: RehearsalRows, _ cast: RehearsalCast, _ scale: RehearsalScale
    ) async throws -> RehearsalResult {
        Surroundings.forget()
        let folder = FileManager.default.temporaryDirectory.appending(path: "outrider-rehearsal-\(UUID())")
        let postgres = try DevelopmentPostgres(in: folder.path(), page: "none", isKept: false)
        defer { postgres.stop() }
        if !json { Console.note("\(cast.count) people are rehearsed at \(Int(scale.pace.rounded())) times the pace") }
        let stand = try await RehearsalStand(databaseURL: postgres.url, scale: scale, seed: seed)
        let name = CampaignName(campaign.name, tenant: rows.tenant)
        _ = try await stand.prepare(rows, cast, campaign: name, scale: scale)
        let result = Mutex<RehearsalResult?>(nil)
        try await serve(stand, cast, scale, name) { found in result.withLock { $0 = found } }
        guard let result = result.withLock({ $0 }) else {
            throw Failure("the rehearsal was stopped before its end", .failed)
        }
        return result
    }

    /// Sandbox, gateway and worker in this process, until the campaign has ended or a signal comes.
    private func serve(
        _ stand: RehearsalStand, _ cast: RehearsalCast, _ scale: RehearsalScale, _ name: CampaignName,
        onResult: @escaping @Sendable (RehearsalResult) -> Void
    ) async throws {
        var parts = ServiceParts(stand.database, logs: stand.logs, named: "rehearse")
        let (isServing, serving) = AsyncStream<Void>.makeStream()
        let server = try SandboxServer(configuration: stand.sandbox, logger: Logger(label: "outrider.sandbox")) { _ in
            serving.yield()
        }
        parts.add(ListeningService(service: server, setting: "the sandbox"))
        try parts.addGateway(stand.gateway, stand.webhooks)
        try parts.addWorker(stand.worker, stand.providers)
        parts.add(
            purpose: RehearsalRun(
                pool: parts.pool, campaign: name, cast: cast, scale: scale,
                sandbox: "http://\(stand.sandbox.host):\(stand.sandbox.port)", isServing: isServing, isShown: !json,
                patience: .seconds(scale.patience), onResult: onResult))
        try await parts.run(drain: .seconds(5))
    }
}

/// Of a hundred people, how many have which fate.
struct FateOptions: ParsableArguments {
    @Option(help: "Of 100 people, whom messages reach. With none of these five: 92, 5, 1, 1 and 1.") var delivered:
        Double?
    @Option(help: "Of 100 people, who cannot be reached.") var unreachable: Double?
    @Option(help: "Of 100 people, whose carrier filters.") var filtered: Double?
    @Option(help: "Of 100 people, of whom nothing is heard.") var silent: Double?
    @Option(help: "Of 100 people, whose address the provider refuses.") var invalid: Double?

    var given: [RehearsalFate: Double] {
        [.delivered: delivered, .unreachable: unreachable, .filtered: filtered, .silent: silent, .invalid: invalid]
            .compactMapValues(\.self)
    }

    func validate() throws {
        guard given.values.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw ValidationError("A share is 0 or more.")
        }
    }
}

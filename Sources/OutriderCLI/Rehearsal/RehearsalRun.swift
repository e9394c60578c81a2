import Delivery
import Foundation
import HTTPTransport
import Insight
import Postgres
import ServiceLifecycle
import Synchronization

/// What a rehearsal came to.
struct RehearsalResult: Sendable {
    var report: CampaignReport
    /// Whether everybody ended.
    var isWhole: Bool
    /// What came first, with how many people.
    var first: [String: Int] = [:]
    /// Seconds of the real campaign until the last was begun, and until all had ended.
    var begunAfter = 0.0
    var endedAfter = 0.0
    /// Segments of the texts that people got first, and all sends by channel, as the sandbox counted them.
    var firstSegments = 0
    var segments = 0
    var sends: [String: Int] = [:]
}

/// Starts the campaign once the sandbox serves, shows how far it is, and ends the process when everybody has ended.
struct RehearsalRun: Service {
    let pool: PostgresPool
    let campaign: CampaignName
    let cast: RehearsalCast
    let scale: RehearsalScale
    /// The sandbox's address, and the sign that it serves.
    let sandbox: String
    let isServing: AsyncStream<Void>
    let isShown: Bool
    /// When it is given up.
    let patience: Duration
    let onResult: @Sendable (RehearsalResult) -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await _ in isServing { break }
            let transport = try HTTPTransport()
            do {
                try await rehearse(SandboxControl(url: sandbox, transport: transport))
            } catch {
                await transport.close()
                if !(error is CancellationError) { throw error }
                return
            }
            await transport.close()
        }
    }

    private func rehearse(_ control: SandboxControl) async throws {
        for fate in cast.fates { try await control.set(fate) }
        let campaigns = Campaigns(pool)
        _ = try await campaigns.start(campaign, reason: "rehearsal")
        let end = ContinuousClock.now + patience
        var isWhole = false
        var bar = RehearsalBar(isShown: isShown)
        while !isWhole, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(500))
            guard let progress = try await campaigns.progress(of: campaign) else { continue }
            bar.show(progress.ended, of: progress.people)
            // A worker says so once all have ended.
            isWhole = progress.state == "finished"
        }
        guard let report = try await campaigns.report(campaign) else {
            throw Failure("the rehearsal's campaign is gone", .fault)
        }
        var result = RehearsalResult(report: report, isWhole: isWhole)
        for row in try await pool.fetch(
            .rehearsalCourse, [.double(scale.pace), .double(scale.waits)], deadline: .seconds(60))
        {
            result.first[try row.string("first")] = try row.int("people")
            result.begunAfter = max(result.begunAfter, try row.double("begun_after"))
            result.endedAfter = max(result.endedAfter, try row.double("ended_after"))
        }
        try await control.count(into: &result)
        onResult(result)
    }
}

/// How far the rehearsal is, a line every few seconds.
struct RehearsalBar {
    private static let pause = Duration.seconds(3)
    let isShown: Bool
    private var next = ContinuousClock.now

    init(isShown: Bool) { self.isShown = isShown }

    mutating func show(_ ended: Int, of people: Int) {
        guard isShown, ContinuousClock.now >= next || ended == people else { return }
        next = .now + Self.pause
        let share = Double(ended) / Double(max(1, people))
        Console.note("\(Bar.text(share, width: 40)) \(Bar.percent(share))  \(ended) of \(people) people ended")
    }
}

/// The sandbox's control API.
struct SandboxControl {
    private static let page = 1_000
    let url: String
    let transport: HTTPTransport

    /// Says what becomes of messages to one address.
    func set(_ fate: JSON) async throws {
        let request = OutgoingRequest(
            method: .post, url: "\(url)/sandbox/fates", headers: [("Content-Type", "application/json")],
            body: fate.encoded)
        guard case .answered(let reply) = await transport.perform(request), reply.status == 204 else {
            throw Failure("the sandbox does not take a fate", .fault)
        }
    }

    /// Counts what the sandbox accepted.
    func count(into result: inout RehearsalResult) async throws {
        var known: Set<String> = []
        var after = 0
        while true {
            let request = OutgoingRequest(
                method: .get, url: "\(url)/sandbox/ledger?after=\(after)&limit=\(Self.page)", totalTimeout: .seconds(60)
            )
            guard case .answered(let reply) = await transport.perform(request),
                let entries = JSON(parsing: reply.body)?["entries"]?.array
            else { throw Failure("the sandbox does not show what it accepted", .fault) }
            guard let last = entries.last?["number"]?.integer else { return }
            after = last
            for entry in entries {
                guard let channel = entry["kind"]?.string.flatMap(Channel.init) else { continue }
                result.sends[channel.rawValue, default: 0] += 1
                let isFirst = known.insert(entry["to"]?.string ?? "").inserted
                guard channel == .sms else { continue }
                let segments = SMSSegments(entry["body"]?.string ?? "").count
                result.segments += segments
                if isFirst { result.firstSegments += segments }
            }
        }
    }
}

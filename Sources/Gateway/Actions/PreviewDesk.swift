import Insight
import JobQueue
import Postgres
import Rendering

/// Says what a start would do, by the code of `outrider campaign preview`. It makes one preview at a time and keeps it for a
/// moment, so that looking costs the database the same whoever looks and however often.
actor PreviewDesk {
    /// A preview, or why there is none.
    enum Preview: Sendable {
        case made(CampaignForecast, CampaignPlan)
        case missing(String)
    }

    /// A larger audience is previewed at a terminal.
    private static let patience = Duration.seconds(20)
    private static let life = Duration.seconds(30)

    private let database: PostgresPool?
    private var kept: (campaign: Int, people: Int, preview: Preview, at: ContinuousClock.Instant)?
    private var making: (campaign: Int, task: Task<Preview, Never>)?

    init(_ database: PostgresPool?) { self.database = database }

    func preview(of campaign: CampaignProgress) async -> Preview {
        guard let database else { return .missing("") }
        if let kept, kept.campaign == campaign.id, kept.people == campaign.people, kept.at + Self.life > .now {
            return kept.preview
        }
        if let making {
            guard making.campaign == campaign.id else {
                return .missing("Another campaign's preview is being made. Look again in a moment.")
            }
            return await making.task.value
        }
        let task = Task { await Self.make(campaign, database) }
        making = (campaign.id, task)
        let preview = await task.value
        making = nil
        kept = (campaign.id, campaign.people, preview, .now)
        return preview
    }

    private static func make(_ campaign: CampaignProgress, _ database: PostgresPool) async -> Preview {
        let store = AudienceStore(database)
        do {
            guard let plan = try await store.plan(of: campaign.name, tenant: campaign.tenant) else {
                return .missing("Its jobs alone say what this campaign is: there is nothing to preview.")
            }
            let isLoaded = campaign.people > 0 && ["done", nil].contains(campaign.load?.state)
            guard isLoaded || plan.audience != nil else {
                return .missing("It has no audience, and nobody was loaded yet.")
            }
            return .made(try await forecast(plan, store, isLoaded), plan)
        } catch let error as PostgresError {
            return .missing("It cannot be previewed. \(ActionDesk.words(error))")
        } catch {
            return .missing(
                "Its audience takes longer than \(patience.components.seconds) s to read. Use `outrider campaign preview`."
            )
        }
    }

    private struct TookTooLong: Error {}

    private static func forecast(
        _ plan: CampaignPlan, _ store: AudienceStore, _ isLoaded: Bool
    ) async throws -> CampaignForecast {
        try await withThrowingTaskGroup(of: CampaignForecast?.self) { tasks in
            tasks.addTask {
                try await CampaignForecast.make(of: plan, from: store, by: store.contact(of: plan), loaded: isLoaded)
            }
            tasks.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { tasks.cancelAll() }
            guard let first = try await tasks.next(), let forecast = first else { throw TookTooLong() }
            return forecast
        }
    }
}

import HTTPTypes
import Hummingbird
import Insight
import Logging
import Postgres

/// Health, metrics and the operator page. Everything here only reads; `campaigns`, `schedules` and `optOuts` also act.
struct OperatorRoutes: Sendable {
    let overview: Overview
    let campaigns: CampaignRoutes
    let schedules: ScheduleRoutes
    let optOuts: OptOutRoutes
    let people: PeopleRoutes
    let summaries: SummaryCache
    let metrics: PrometheusRegistry
    let watch: TroubleWatch
    let configuration: GatewayConfiguration
    let pages: Pages
    let replies: PageReplies
    let logger: Logger

    func add(to router: Router<GatewayContext>) {
        router.get("/healthz") { _, _ in Replies.text(.ok, "alive\n") }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/readyz/sending") { _, _ in Replies.sending(watch.current.filter(\.stopsAll)) }
        let gate = OperatorGate(configuration)
        router.get("/metrics") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in await scrape() }
        }
        router.get("/") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in await overviewPage(request) }
        }
        campaigns.add(to: router, behind: gate)
        schedules.add(to: router, behind: gate)
        optOuts.add(to: router, behind: gate)
        people.add(to: router, behind: gate)
        router.get("/jobs/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in
                await jobPage(request, context.parameters.get("id"))
            }
        }
    }

    private func readiness() async -> Response {
        do throws(PostgresError) {
            try await overview.checkDatabase(within: .seconds(1))
            return Replies.readiness(watch.current)
        } catch {
            logger.warning("not ready", metadata: ["error": "\(error)"])
            return Replies.text(.serviceUnavailable, "the database does not answer\n")
        }
    }

    private func scrape() async -> Response {
        let summary = try? await summaries.summary(maximumAge: .seconds(5))
        var isUp = summary != nil
        // A count that is late says nothing of the database.
        if !isUp { isUp = (try? await overview.checkDatabase(within: .seconds(1))) != nil }
        return Replies.metrics(metrics.scrape() + DatabaseMetrics.text(summary, isUp: isUp))
    }

    private func overviewPage(_ request: Request) async -> Response {
        do throws(PostgresError) {
            let summary = try await summaries.summary(maximumAge: .seconds(1))
            guard !request.wantsJSON else { return Replies.json(summary) }
            return Replies.html(.ok, pages.overview(summary, isRefreshing: request.isRefreshing))
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func jobPage(_ request: Request, _ id: String?) async -> Response {
        guard let id = id.flatMap({ Int($0) }), id >= 0 else { return replies.missing(request, "job") }
        do throws(PostgresError) {
            guard var timeline = try await overview.timeline(jobID: id) else { return replies.missing(request, "job") }
            timeline.recipients = try await people.search.recipients(of: id)
            guard !request.wantsJSON else { return Replies.json(timeline) }
            return Replies.html(.ok, pages.job(timeline))
        } catch {
            return replies.unavailable(request, error)
        }
    }
}

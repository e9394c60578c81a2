import HTTPTypes
import Hummingbird
import Insight
import Logging
import Postgres

/// Health, metrics and the operator page. Everything here only reads.
struct OperatorRoutes: Sendable {
    let overview: Overview
    let campaigns: Campaigns
    let summaries: SummaryCache
    let metrics: PrometheusRegistry
    let watch: TroubleWatch
    let configuration: GatewayConfiguration
    let pages: Pages
    let logger: Logger

    func add(to router: Router<GatewayContext>) {
        router.get("/healthz") { _, _ in Replies.text(.ok, "alive\n") }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/readyz/sending") { _, _ in Replies.sending(watch.current.filter(\.stopsAll)) }
        let gate = OperatorGate(configuration)
        router.get("/metrics") { request, context in
            await gate.opened(to: request, from: context.peer) { await scrape() }
        }
        router.get("/") { request, context in
            await gate.opened(to: request, from: context.peer) { await overviewPage(request) }
        }
        router.get("/campaigns") { request, context in
            await gate.opened(to: request, from: context.peer) { await campaignList(request) }
        }
        router.get("/campaigns/:id") { request, context in
            await gate.opened(to: request, from: context.peer) {
                await campaignPage(request, context.parameters.get("id"))
            }
        }
        router.get("/jobs/:id") { request, context in
            await gate.opened(to: request, from: context.peer) {
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
            return unavailable(request, error)
        }
    }

    private func campaignList(_ request: Request) async -> Response {
        do throws(PostgresError) {
            let campaigns = try await campaigns.newest(Self.mostCampaigns, tenant: nil)
            guard !request.wantsJSON else { return Replies.json(campaigns) }
            return Replies.html(.ok, pages.campaigns(campaigns, isRefreshing: request.isRefreshing))
        } catch {
            return unavailable(request, error)
        }
    }

    private func campaignPage(_ request: Request, _ id: String?) async -> Response {
        guard let id = id.flatMap({ Int32($0) }) else { return missing(request, "campaign") }
        do throws(PostgresError) {
            guard let report = try await campaigns.report(id: Int(id)) else { return missing(request, "campaign") }
            guard !request.wantsJSON else { return Replies.json(report) }
            return Replies.html(.ok, pages.campaign(report, isRefreshing: request.isRefreshing))
        } catch {
            return unavailable(request, error)
        }
    }

    private static let mostCampaigns = 100

    private func jobPage(_ request: Request, _ id: String?) async -> Response {
        guard let id = id.flatMap({ Int($0) }), id >= 0 else { return missing(request) }
        do throws(PostgresError) {
            guard let timeline = try await overview.timeline(jobID: id) else { return missing(request) }
            guard !request.wantsJSON else { return Replies.json(timeline) }
            return Replies.html(.ok, pages.job(timeline))
        } catch {
            return unavailable(request, error)
        }
    }

    private func missing(_ request: Request, _ what: String = "job") -> Response {
        message(.notFound, "There is no such \(what).", request)
    }

    private func unavailable(_ request: Request, _ error: PostgresError) -> Response {
        logger.warning("operator page not read", metadata: ["error": "\(error)"])
        return message(.serviceUnavailable, "The database does not answer. Try again in a moment.", request)
    }

    private func message(_ status: HTTPResponse.Status, _ text: String, _ request: Request) -> Response {
        request.wantsJSON ? Replies.json(["error": text], status) : Replies.html(status, pages.message(text))
    }
}

extension Request {
    fileprivate var isRefreshing: Bool { uri.queryParameters["refresh"] != nil }

    /// Asked for by `?format=json` or by an `Accept` that names JSON and not HTML.
    fileprivate var wantsJSON: Bool {
        if let format = uri.queryParameters["format"] { return format == "json" }
        let accepted = headers[.accept] ?? ""
        return accepted.contains("application/json") && !accepted.contains("text/html")
    }
}

import HTTPTypes
import Hummingbird
import Insight
import JobQueue
import Logging
import Postgres
import Signing

/// Campaigns on the operator page: read through the gateway's own login, acted on through the desk.
///
/// A GET never acts. Each action has a page of its own that asks, with the numbers, at the path it is sent to.
struct CampaignRoutes: Sendable {
    /// Through the gateway's login.
    let campaigns: Campaigns
    let desk: ActionDesk
    let previews: PreviewDesk
    let pages: Pages
    let replies: PageReplies

    private static let mostCampaigns = 100

    func add(to router: Router<GatewayContext>, behind gate: OperatorGate) {
        router.get("/campaigns") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in await list(request) }
        }
        router.get("/campaigns/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await page(request, context.parameters.get("id"), visitor)
            }
        }
        router.get("/campaigns/:id/:part") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await part(request, context.parameters.get("id"), context.parameters.get("part") ?? "", visitor)
            }
        }
        router.post("/campaigns/:id/:part") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await act(request, context.parameters.get("id"), context.parameters.get("part") ?? "", visitor)
            }
        }
    }

    // MARK: Reading

    private func list(_ request: Request) async -> Response {
        do throws(PostgresError) {
            let campaigns = try await campaigns.newest(Self.mostCampaigns, tenant: nil)
            guard !request.wantsJSON else { return Replies.json(campaigns) }
            return Replies.html(.ok, pages.campaigns(campaigns, isRefreshing: request.isRefreshing))
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func page(_ request: Request, _ id: String?, _ visitor: Visitor) async -> Response {
        do throws(PostgresError) {
            guard let report = try await report(id) else { return replies.missing(request, "campaign") }
            guard !request.wantsJSON else { return Replies.json(report) }
            let acts = await acts(on: report.progress, visitor, request)
            return Replies.html(
                .ok, pages.campaign(report, acts, isRefreshing: request.isRefreshing), hasForms: acts.obstacle == nil)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func report(_ id: String?) async throws(PostgresError) -> CampaignReport? {
        guard let id = id.flatMap({ Int32($0) }) else { return nil }
        return try await campaigns.report(id: Int(id))
    }

    private func acts(on campaign: CampaignProgress, _ visitor: Visitor, _ request: Request) async -> CampaignActs {
        let path = Self.path(campaign.id)
        var acts = CampaignActs(obstacle: desk.obstacle(for: visitor), said: desk.sentence(request, at: path))
        guard acts.obstacle == nil, let database = desk.database else { return acts }
        // What cannot be found out now is not offered; the rest of the page is shown.
        let plan = try? await AudienceStore(database).plan(of: campaign.name, tenant: campaign.tenant)
        let hasAudience = plan?.audience != nil
        acts.offers = CampaignAction.allCases.filter { $0.isOffered(for: campaign, hasAudience: hasAudience) }.map {
            CampaignActs.Offer(action: $0, token: desk.token(for: visitor, Self.purpose($0, campaign.id)))
        }
        return acts
    }

    /// A file of a campaign, or the page that asks before something is done.
    private func part(_ request: Request, _ id: String?, _ part: String, _ visitor: Visitor) async -> Response {
        do throws(PostgresError) {
            guard let report = try await report(id) else { return replies.missing(request, "campaign") }
            switch part {
            case "chart.svg":
                guard let chart = CampaignChart(report) else { return replies.missing(request, "chart yet") }
                return Replies.file(
                    "campaign-\(report.progress.id).svg", "image/svg+xml", .init(byteBuffer: .init(string: chart.file)))
            case "people.csv", "failed.csv": return await people(of: report.progress, part, request, visitor)
            default:
                guard let action = CampaignAction(rawValue: part), action.asksFirst else {
                    return replies.missing(request, "page of a campaign")
                }
                return await question(action, report, visitor)
            }
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func people(
        of campaign: CampaignProgress, _ file: String, _ request: Request, _ visitor: Visitor
    ) async -> Response {
        let back = Self.path(campaign.id)
        guard let database = desk.database, desk.obstacle(for: visitor) == nil else {
            return desk.refusal(.forbidden, desk.obstacle(for: visitor) ?? "", back)
        }
        let people = PeopleFile(
            campaigns: Campaigns(database), name: CampaignName(campaign.name, tenant: campaign.tenant),
            failedOnly: file == "failed.csv",
            start: max(0, request.uri.queryParameters["after"].flatMap { Int($0) } ?? 0))
        do throws(PostgresError) {
            return Replies.file("campaign-\(campaign.id)-\(file)", "text/csv; charset=utf-8", try await people.body())
        } catch {
            return desk.refusal(.conflict, ActionDesk.words(error), back)
        }
    }

    // MARK: Acting

    private func question(
        _ action: CampaignAction, _ report: CampaignReport, _ visitor: Visitor, problem: String? = nil
    ) async -> Response {
        let campaign = report.progress
        if let obstacle = desk.obstacle(for: visitor) {
            return desk.refusal(.forbidden, obstacle, Self.path(campaign.id))
        }
        let preview = action == .start ? await previews.preview(of: campaign) : nil
        let page = pages.question(
            CampaignQuestion(
                action: action, report: report, preview: preview,
                token: desk.token(for: visitor, Self.purpose(action, campaign.id)), problem: problem))
        return Replies.html(problem == nil ? .ok : .badRequest, page, hasForms: true)
    }

    private func act(_ request: Request, _ id: String?, _ part: String, _ visitor: Visitor) async -> Response {
        guard let id = id.flatMap({ Int32($0) }).map(Int.init), let action = CampaignAction(rawValue: part) else {
            return replies.missing(request, "page of a campaign")
        }
        return await desk.perform(request, by: visitor, Self.purpose(action, id), back: Self.path(id)) { form in
            guard action.asksFirst, form.reason == nil else { return nil }
            guard let report = try? await campaigns.report(id: id) else { return nil }
            return await question(action, report, visitor, problem: "Say why: it is kept with your name.")
        } _: { transaction, form throws(PostgresError) in
            let campaigns = Campaigns(in: transaction)
            // Looked up where it is acted on.
            guard let campaign = try await campaigns.progress(id: id) else { return "There is no such campaign." }
            return try await action.act(
                on: CampaignName(campaign.name, tenant: campaign.tenant), form, through: campaigns)
        }
    }

    private static func path(_ id: Int) -> String { "/campaigns/\(id)" }
    private static func purpose(_ action: CampaignAction, _ id: Int) -> String { "campaign \(id) \(action.rawValue)" }
}

/// What a visitor may do to a campaign, for its page.
struct CampaignActs: Sendable {
    struct Offer: Sendable {
        var action: CampaignAction
        var token: String
    }

    /// Why nothing is offered.
    var obstacle: String?
    /// What an action left to be said.
    var said: String?
    var offers: [Offer] = []
}

import HTTPTypes
import Hummingbird
import Insight
import Postgres
import Signing

/// Schedules on the operator page: read through the gateway's own login, acted on through the desk.
///
/// A GET never acts. Each action has a page of its own that asks, with the times, at the path it is sent to.
struct ScheduleRoutes: Sendable {
    /// Through the gateway's login.
    let schedules: Schedules
    let desk: ActionDesk
    let pages: Pages
    let replies: PageReplies

    private static let most = 500

    func add(to router: Router<GatewayContext>, behind gate: OperatorGate) {
        router.get("/schedules") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in await list(request, visitor) }
        }
        router.get("/schedules/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await page(request, context.parameters.get("id") ?? "", visitor)
            }
        }
        router.post("/schedules/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await actOnMany(request, context.parameters.get("id") ?? "", visitor)
            }
        }
        router.get("/schedules/:id/:part") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                let (id, part) = (context.parameters.get("id") ?? "", context.parameters.get("part") ?? "")
                guard let id = Int32(id).map(Int.init), let action = ScheduleAction(rawValue: part) else {
                    return replies.missing(request, "page of a schedule")
                }
                return await question(action, id, request, visitor)
            }
        }
        router.post("/schedules/:id/:part") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                await act(request, context.parameters.get("id"), context.parameters.get("part") ?? "", visitor)
            }
        }
    }

    // MARK: Reading

    private func list(_ request: Request, _ visitor: Visitor) async -> Response {
        do throws(PostgresError) {
            let schedules = try await schedules.list(Self.most)
            guard !request.wantsJSON else { return Replies.json(schedules) }
            let acts = ScheduleActs(
                obstacle: desk.obstacle(for: visitor), said: desk.sentence(request, at: Self.listPath))
            let html = pages.schedules(schedules, acts, atMost: Self.most, isRefreshing: request.isRefreshing)
            return Replies.html(.ok, html, hasForms: acts.obstacle == nil)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func page(_ request: Request, _ id: String, _ visitor: Visitor) async -> Response {
        if let action = ScheduleAction(rawValue: id), action.isForMany { return await ask(action, request, visitor) }
        guard let id = Int32(id).map(Int.init) else { return replies.missing(request, "schedule") }
        do throws(PostgresError) {
            guard let report = try await schedules.report(id: id) else { return replies.missing(request, "schedule") }
            guard !request.wantsJSON else { return Replies.json(report) }
            var acts = ScheduleActs(
                obstacle: desk.obstacle(for: visitor), said: desk.sentence(request, at: Self.path(id)))
            if acts.obstacle == nil {
                acts.offers = ScheduleAction.allCases.filter { $0.isOffered(for: report.status) }
            }
            return Replies.html(.ok, pages.schedule(report, acts, isRefreshing: request.isRefreshing))
        } catch {
            return replies.unavailable(request, error)
        }
    }

    // MARK: Acting on one

    private func question(
        _ action: ScheduleAction, _ id: Int, _ request: Request, _ visitor: Visitor, problem: String? = nil
    ) async -> Response {
        guard let database = desk.database, desk.obstacle(for: visitor) == nil else {
            return desk.refusal(.forbidden, desk.obstacle(for: visitor) ?? "", Self.path(id))
        }
        do throws(PostgresError) {
            guard var report = try await schedules.report(id: id) else { return replies.missing(request, "schedule") }
            report.definition = try await Schedules(database).definition(of: report.status)
            var question = ScheduleQuestion(action: action, report: report, problem: problem)
            if action == .backfill, var span = BackfillSpan(request.query) {
                question.span = span
                do throws(PostgresError) {
                    switch try await BackfillOutlook.make(of: &span, report.status, database) {
                    case .success(let outlook): (question.span, question.outlook) = (span, outlook)
                    case .failure(let refusal): question.problem = refusal.text
                    }
                } catch  where error.sqlState != nil {
                    question.problem = ActionDesk.words(error)  // No time, for one.
                }
            }
            if question.isComplete {
                question.token = desk.token(for: visitor, Self.purpose(action, id, question.span))
            }
            return Replies.html(question.problem == nil ? .ok : .badRequest, pages.question(question), hasForms: true)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func act(_ request: Request, _ id: String?, _ part: String, _ visitor: Visitor) async -> Response {
        guard let id = id.flatMap({ Int32($0) }).map(Int.init), let action = ScheduleAction(rawValue: part) else {
            return replies.missing(request, "page of a schedule")
        }
        let span = action == .backfill ? BackfillSpan(request.query) : nil
        let (path, asked) = (Self.path(id), "\(Self.path(id))/\(part)\(span.map { "?\($0.query)" } ?? "")")
        return await desk.perform(
            request, by: visitor, Self.purpose(action, id, span), back: action == .drop ? Self.listPath : path,
            asked: asked
        ) { form in
            guard action.needsReason, form.reason == nil else { return nil }
            return await question(
                action, id, request, visitor, problem: "Say why: it is kept with your name.")
        } _: { transaction, form throws(PostgresError) in
            let schedules = Schedules(in: transaction)
            // Looked up where it is acted on.
            guard let schedule = try await schedules.status(id: id) else { return "There is no such schedule." }
            let answer = try await action.act(
                on: ScheduleName(schedule.name, tenant: schedule.tenant), span, form, through: schedules)
            return action == .drop ? "\(schedule.name): \(answer)" : answer
        }
    }

    // MARK: Acting on many

    private func ask(_ action: ScheduleAction, _ request: Request, _ visitor: Visitor) async -> Response {
        if let obstacle = desk.obstacle(for: visitor) { return desk.refusal(.forbidden, obstacle, Self.listPath) }
        do throws(PostgresError) {
            guard let choice = ScheduleTags(request.query) else { return replies.missing(request, "page of schedules") }
            let chosen = try await schedules.list(10_000, tenant: choice.tenant, tag: choice.tag).filter {
                action == .pause ? $0.state != "paused" : $0.state == "paused"
            }
            let question = ManySchedulesQuestion(
                action: action, choice: choice, schedules: chosen,
                token: desk.token(for: visitor, Self.purpose(action, choice)))
            return Replies.html(.ok, pages.question(question), hasForms: true)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func actOnMany(_ request: Request, _ part: String, _ visitor: Visitor) async -> Response {
        guard let action = ScheduleAction(rawValue: part), action.isForMany, let choice = ScheduleTags(request.query)
        else { return replies.missing(request, "page of schedules") }
        let (tenant, tag) = (choice.tenant, choice.tag)
        return await desk.perform(
            request, by: visitor, Self.purpose(action, choice), back: Self.listPath,
            asked: "/schedules/\(part)?\(choice.query)"
        ) { transaction, form throws(PostgresError) in
            let schedules = Schedules(in: transaction)
            let count =
                action == .pause
                ? try await schedules.pauseAll(tag: tag, tenant: tenant, reason: form.reason)
                : try await schedules.resumeAll(tag: tag, tenant: tenant)
            return "\(part)d: \(count) schedule\(count == 1 ? "" : "s")"
        }
    }

    private static let listPath = "/schedules"
    private static func path(_ id: Int) -> String { "/schedules/\(id)" }
    private static func purpose(_ action: ScheduleAction, _ id: Int, _ span: BackfillSpan?) -> String {
        "schedule \(id) \(action.rawValue)\(span.map { " \($0.query)" } ?? "")"
    }
    private static func purpose(_ action: ScheduleAction, _ choice: ScheduleTags) -> String {
        "schedules \(action.rawValue) \(choice.query)"
    }
}

/// What a visitor may do to schedules, for their page.
struct ScheduleActs: Sendable {
    /// Why nothing is offered.
    var obstacle: String?
    /// What an action left to be said.
    var said: String?
    var offers: [ScheduleAction] = []
}

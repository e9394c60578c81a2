import Hummingbird
import Insight
import Postgres

/// The pages of schedules. They only read.
struct ScheduleRoutes: Sendable {
    let schedules: Schedules
    let pages: Pages
    let replies: PageReplies

    private static let most = 500

    func add(to router: Router<GatewayContext>, behind gate: OperatorGate) {
        router.get("/schedules") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in await list(request) }
        }
        router.get("/schedules/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in
                await page(request, context.parameters.get("id"))
            }
        }
    }

    private func list(_ request: Request) async -> Response {
        do throws(PostgresError) {
            let schedules = try await schedules.list(Self.most)
            guard !request.wantsJSON else { return Replies.json(schedules) }
            let html = pages.schedules(schedules, atMost: Self.most, isRefreshing: request.isRefreshing)
            return Replies.html(.ok, html)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func page(_ request: Request, _ id: String?) async -> Response {
        guard let id = id.flatMap({ Int32($0) }) else { return replies.missing(request, "schedule") }
        do throws(PostgresError) {
            guard let report = try await schedules.report(id: Int(id)) else {
                return replies.missing(request, "schedule")
            }
            guard !request.wantsJSON else { return Replies.json(report) }
            return Replies.html(.ok, pages.schedule(report, isRefreshing: request.isRefreshing))
        } catch {
            return replies.unavailable(request, error)
        }
    }
}

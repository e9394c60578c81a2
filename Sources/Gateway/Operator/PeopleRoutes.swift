import HTTPTypes
import Hummingbird
import Insight
import Postgres
import Signing

/// Finds the jobs of a person, by a form's body: an address in a path or a query would stand in logs of proxies and browsers.
struct PeopleRoutes: Sendable {
    let search: PersonSearch
    let pages: Pages
    let replies: PageReplies

    /// Larger than the form with the longest address.
    private static let bodyLimit = 4_096

    func add(to router: Router<GatewayContext>, behind gate: OperatorGate) {
        router.get("/people") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in
                Replies.html(.ok, pages.people(), hasForms: true)
            }
        }
        router.post("/people") { request, context in
            await gate.opened(to: request, from: context.peer) { _ in await find(request) }
        }
    }

    private func find(_ request: Request) async -> Response {
        guard case .whole(let bytes) = await BoundedBody.read(request, limit: Self.bodyLimit),
            let form = try? FormParameters(parsing: bytes, limit: 10)
        else { return refusal("The form cannot be read.") }
        guard let wanted = PersonSearch.Wanted(form["who"] ?? "") else {
            return refusal(
                "This is no full number such as +15005550010, no e-mail address, and no hash of 12 digits such as #0a1b2c3d4e5f."
            )
        }
        do throws(PostgresError) {
            let found = try await search.jobs(of: wanted)
            guard !request.wantsJSON else { return Replies.json(found) }
            return Replies.html(.ok, pages.people(found), hasForms: true)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func refusal(_ text: String) -> Response {
        Replies.html(.badRequest, pages.people(problem: text), hasForms: true)
    }
}

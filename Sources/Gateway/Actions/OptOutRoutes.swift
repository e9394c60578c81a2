import HTTPTypes
import Hummingbird
import Insight
import Postgres
import Signing

/// Sentences that ask for no more messages, on the operator page: listed through the gateway's own login, decided through the
/// desk. What a person wrote is shown to those who decide, on its own page; a path holds the sentence's id and no more.
struct OptOutRoutes: Sendable {
    /// Through the gateway's login.
    let wishes: OptOutWishes
    let desk: ActionDesk
    let pages: Pages
    let replies: PageReplies

    /// The oldest come first: more are seen once these are decided.
    private static let most = 500

    func add(to router: Router<GatewayContext>, behind gate: OperatorGate) {
        router.get("/optouts") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in await list(request, visitor) }
        }
        router.get("/optouts/:id") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                guard let id = context.parameters.get("id").flatMap({ Int($0) }) else { return missing(request) }
                return await question(id, request, visitor)
            }
        }
        router.post("/optouts/:id/:stops") { request, context in
            await gate.opened(to: request, from: context.peer) { visitor in
                guard let id = context.parameters.get("id").flatMap({ Int($0) }),
                    let verdict = context.parameters.get("stops").flatMap(WishVerdict.init)
                else { return missing(request) }
                return await settle(id, verdict, request, visitor)
            }
        }
    }

    private func list(_ request: Request, _ visitor: Visitor) async -> Response {
        do throws(PostgresError) {
            let open = try await wishes.open(Self.most)
            let html = pages.optOuts(
                open, said: desk.sentence(request, at: Self.listPath), obstacle: desk.obstacle(for: visitor),
                atMost: Self.most)
            return Replies.html(.ok, html)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func question(
        _ id: Int, _ request: Request, _ visitor: Visitor, problem: String? = nil
    ) async -> Response {
        if let obstacle = desk.obstacle(for: visitor) { return desk.refusal(.forbidden, obstacle, Self.listPath) }
        do throws(PostgresError) {
            guard let wish = try await wishes.open(Self.most).first(where: { $0.id == id }) else {
                return missing(request)
            }
            let tokens = WishVerdict.allCases.map { ($0, desk.token(for: visitor, Self.purpose(id, $0))) }
            let html = pages.optOut(wish, tokens: Dictionary(uniqueKeysWithValues: tokens), problem: problem)
            return Replies.html(problem == nil ? .ok : .badRequest, html, hasForms: true)
        } catch {
            return replies.unavailable(request, error)
        }
    }

    private func settle(_ id: Int, _ verdict: WishVerdict, _ request: Request, _ visitor: Visitor) async -> Response {
        await desk.perform(
            request, by: visitor, Self.purpose(id, verdict), back: Self.listPath, asked: "\(Self.listPath)/\(id)"
        ) { form in
            guard form.reason == nil else { return nil }
            return await question(id, request, visitor, problem: "Say why: it is kept with your name.")
        } _: { transaction, form throws(PostgresError) in
            let result = try await OptOutWishes(in: transaction).settle(id, stops: verdict, reason: form.reason ?? "")
            return "sentence \(id): \(result)"
        }
    }

    private func missing(_ request: Request) -> Response { replies.missing(request, "sentence that waits") }

    private static let listPath = "/optouts"
    private static func purpose(_ id: Int, _ verdict: WishVerdict) -> String {
        "sentence \(id) stops \(verdict.rawValue)"
    }
}

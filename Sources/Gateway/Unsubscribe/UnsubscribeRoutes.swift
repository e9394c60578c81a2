import Delivery
import HTTPTypes
import Hummingbird
import Inbox
import Logging
import Postgres
import Providers

/// The links by which people leave offers by e-mail (RFC 8058). Nobody signs in: the link itself proves whose mail it is from.
///
/// GET only shows a button, because mail scanners follow every link. A POST, of a mail program or of the button, is answered
/// when the suppression is committed.
struct UnsubscribeRoutes: Sendable {
    /// A mail program posts a few bytes that say nothing new.
    private static let bodyLimit = 4 * 1_024

    let links: UnsubscribeLinks
    let store: UnsubscribeStore
    let watch: TroubleWatch
    let pages: Pages
    let logger: Logger

    func add(to router: Router<GatewayContext>) {
        let path = RouterPath(UnsubscribeLinks.path + ":link")
        router.get(path) { _, context in question(context.parameters.get("link")) }
        router.post(path) { request, context in await answer(request, context.parameters.get("link")) }
    }

    private func question(_ link: String?) -> Response {
        guard let request = link.flatMap(links.request) else { return notOurs }
        return Replies.html(.ok, pages.unsubscribe(Self.mask(request)), hasForms: true)
    }

    private func answer(_ request: Request, _ link: String?) async -> Response {
        switch await BoundedBody.read(request, limit: Self.bodyLimit) {
        case .whole: break
        case .tooLarge, .cutOff:
            return Self.closing(
                Replies.html(.badRequest, pages.notUnsubscribed("The request is not what a mail program sends.")))
        }
        guard let wish = link.flatMap(links.request) else { return notOurs }
        do throws(PostgresError) {
            try await store.store(wish)
            watch.wrote(nil)
            return Replies.html(.ok, pages.unsubscribed(Self.mask(wish)))
        } catch {
            logger.error(
                "An unsubscribe was not stored; whoever asked was told to try again",
                metadata: ["job": "\(wish.jobID)", "error": "\(error)"])
            watch.wrote("an unsubscribe was not stored: \(error)")
            var response = Replies.html(
                .serviceUnavailable,
                pages.notUnsubscribed("It could not be noted just now. Please try again in a moment."))
            response.headers[.retryAfter] = "5"
            return response
        }
    }

    private var notOurs: Response {
        Replies.html(
            .notFound,
            pages.notUnsubscribed(
                "This link is not complete, or not valid any more. Open the link in the newest mail, or answer that mail."
            ))
    }

    /// What was not read of a body must not be taken for the next request.
    private static func closing(_ response: Response) -> Response {
        var response = response
        response.headers[.connection] = "close"
        return response
    }

    /// Enough to recognise one's own address, too little to learn it.
    private static func mask(_ request: UnsubscribeRequest) -> String {
        Redaction.emailAddress(request.address).description
    }
}

import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Signing

/// What a page says when it has nothing else to show.
struct PageReplies: Sendable {
    let pages: Pages
    let logger: Logger

    func missing(_ request: Request, _ what: String) -> Response {
        message(.notFound, "There is no such \(what).", request)
    }

    func unavailable(_ request: Request, _ error: PostgresError) -> Response {
        logger.warning("operator page not read", metadata: ["error": "\(error)"])
        return message(.serviceUnavailable, "The database does not answer. Try again in a moment.", request)
    }

    private func message(_ status: HTTPResponse.Status, _ text: String, _ request: Request) -> Response {
        request.wantsJSON ? Replies.json(["error": text], status) : Replies.html(status, pages.message(text))
    }
}

extension Request {
    /// What a form by GET sends: `+` is a space. Empty where it cannot be read.
    var query: FormParameters {
        (try? FormParameters(parsing: Array((uri.query ?? "").utf8), limit: 100)) ?? FormParameters()
    }

    var isRefreshing: Bool { uri.queryParameters["refresh"] != nil }

    /// Asked for by `?format=json` or by an `Accept` that names JSON and not HTML.
    var wantsJSON: Bool {
        if let format = uri.queryParameters["format"] { return format == "json" }
        let accepted = headers[.accept] ?? ""
        return accepted.contains("application/json") && !accepted.contains("text/html")
    }
}

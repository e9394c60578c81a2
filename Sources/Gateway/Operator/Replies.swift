import Delivery
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The answers' forms, with the headers that keep a browser from doing more than showing them.
enum Replies {
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        reply(status, "text/plain; charset=utf-8", ByteBuffer(string: text))
    }

    /// Whether this gateway takes webhooks. What else is in trouble is named, and no reason to send it no webhooks: a balancer
    /// that took it out would lose receipts and opt-outs. No detail: this is open to everybody.
    static func readiness(_ troubles: [Trouble]) -> Response {
        let isReady = !troubles.contains(where: \.stopsWebhooks)
        return text(isReady ? .ok : .serviceUnavailable, lines(isReady ? "ready" : "not ready", troubles))
    }

    /// Whether messages are sent.
    static func sending(_ troubles: [Trouble]) -> Response {
        text(troubles.isEmpty ? .ok : .serviceUnavailable, lines(troubles.isEmpty ? "sending" : "in trouble", troubles))
    }

    private static func lines(_ first: String, _ troubles: [Trouble]) -> String {
        var seen: Set<Trouble.Cause> = []
        let causes = troubles.map(\.cause).filter { seen.insert($0).inserted }
        return ([first] + causes.map { "trouble: \($0.words)" }).joined(separator: "\n") + "\n"
    }

    /// - Parameter hasForms: whether a form of the page may be sent, to this gateway alone.
    static func html(_ status: HTTPResponse.Status, _ page: String, hasForms: Bool = false) -> Response {
        reply(status, "text/html; charset=utf-8", .init(byteBuffer: ByteBuffer(string: page)), hasForms: hasForms)
    }

    /// To be looked at next, by GET.
    static func seeOther(_ path: String) -> Response {
        var response = text(.seeOther, "See \(path)\n")
        response.headers[.location] = path
        return response
    }

    /// A file to keep. Its name is plain letters, digits, `-` and `.`.
    static func file(_ name: String, _ type: String, _ body: ResponseBody) -> Response {
        var response = reply(.ok, type, body)
        response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        return response
    }

    static func metrics(_ text: String) -> Response {
        reply(.ok, "text/plain; version=0.0.4; charset=utf-8", ByteBuffer(string: text))
    }

    static func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) -> Response {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            return text(.internalServerError, "the answer cannot be written\n")
        }
        return reply(status, "application/json", ByteBuffer(bytes: data))
    }

    private static func reply(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer) -> Response {
        reply(status, type, .init(byteBuffer: body))
    }

    private static func reply(
        _ status: HTTPResponse.Status, _ type: String, _ body: ResponseBody, hasForms: Bool = false
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action \(hasForms ? "'self'" : "'none'"); "
            + "frame-ancestors 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        // Not `no-referrer`: with it a browser says `Origin: null` with a form of this very page.
        headers[.init("Referrer-Policy")!] = "same-origin"
        return Response(status: status, headers: headers, body: body)
    }
}

/// A path that serves nothing says so: whoever asked for it sees more than an empty page.
struct WordsForErrors: RouterMiddleware {
    typealias Context = GatewayContext

    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let response = Replies.text(
                error.status, "\(error.status): this path serves no \(request.method).\n")
            return request.method == .head ? response.createHeadResponse() : response
        }
    }
}

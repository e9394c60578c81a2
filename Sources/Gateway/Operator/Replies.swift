import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The answers' forms, with the headers that keep a browser from doing more than showing them.
enum Replies {
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        reply(status, "text/plain; charset=utf-8", ByteBuffer(string: text))
    }

    static func html(_ status: HTTPResponse.Status, _ page: String) -> Response {
        reply(status, "text/html; charset=utf-8", ByteBuffer(string: page))
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
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.init("Referrer-Policy")!] = "no-referrer"
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}

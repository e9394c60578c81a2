import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Signing

/// What the routes read from a request.
enum RequestReading {
    /// The form in the body, at most 256 KiB.
    static func form(_ request: Request) async throws -> FormParameters {
        guard let buffer = try? await request.body.collect(upTo: 256 * 1024) else { throw TwilioError.bodyTooLarge }
        return try FormParameters(parsing: Array(buffer.readableBytesView))
    }

    /// The JSON in the body, at most 30 MiB as SendGrid takes; `nil` when it is no JSON.
    static func json(_ request: Request) async throws -> JSON? {
        guard let buffer = try? await request.body.collect(upTo: 30 << 20) else { throw SendGridError.bodyTooLarge }
        return JSON(parsing: Array(buffer.readableBytesView))
    }

    /// The fields of the query string.
    static func query(_ request: Request) throws -> FormParameters {
        do {
            return try FormParameters(parsing: Array((request.uri.query ?? "").utf8))
        } catch {
            throw TwilioError.badRequest(20001, "Malformed query string")
        }
    }

    /// The name and secret of Basic authentication.
    static func basic(_ request: Request) -> (user: String, password: String)? {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("basic ") else { return nil }
        guard let bytes = [UInt8](base64: String(header.dropFirst(6))) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    static func bearer(_ request: Request) -> String? {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst(7))
    }

    /// The server as the client sees it, for the absolute URLs in answers.
    static func baseURL(_ request: Request) -> String { "http://" + (request.head.authority ?? "localhost") }
}

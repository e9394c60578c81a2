import HTTPTypes
import Hummingbird

/// Reads a request's body up to a limit and never holds more.
enum BoundedBody {
    enum Reading: Sendable {
        case whole([UInt8])
        case tooLarge
        /// The connection broke, or the body is not what its framing said.
        case cutOff
    }

    static func read(_ request: Request, limit: Int) async -> Reading {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { return .tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= limit else { return .tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch {
            return .cutOff
        }
        return .whole(bytes)
    }
}

import HTTPTypes
import Hummingbird

extension Response {
    /// A response whose body is `json`.
    static func json(_ json: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.text)))
    }

    /// A response without a body.
    static func empty(_ status: HTTPResponse.Status) -> Response { Response(status: status) }
}

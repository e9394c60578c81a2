import Delivery
import HTTPTypes
import Hummingbird
import Signing

/// What the providers' answers and the control requests ask of JSON beyond what the worker does.
extension JSON {
    /// A string, or `null` when there is none.
    static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    /// An integer, or `null` when there is none.
    static func optional(_ number: Int?) -> JSON { number.map(JSON.integer) ?? .null }

    /// A number as Swift writes it; `null` when it is not finite.
    static func double(_ number: Double) -> JSON { number.isFinite ? .number("\(number)") : .null }

    /// Any number, whole or not.
    var number: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The value as compact JSON text, on one line.
    var text: String { String(decoding: encoded, as: UTF8.self) }
}

extension FormParameters {
    /// The fields as an object; a repeated name becomes an array.
    var json: JSON {
        var seen = Set<String>()
        let members = pairs.compactMap { pair -> JSON.Member? in
            guard seen.insert(pair.name).inserted else { return nil }
            let values = values(of: pair.name).map(JSON.string)
            return .init(name: pair.name, value: values.count == 1 ? values[0] : .array(values))
        }
        return .object(members)
    }
}

extension Response {
    /// A response whose body is `json`.
    static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.encoded)))
    }

    /// A response without a body.
    static func empty(_ status: HTTPResponse.Status) -> Response { Response(status: status) }
}

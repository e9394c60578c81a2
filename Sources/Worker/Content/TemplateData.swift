import Foundation

/// A job's `data`, ready for templates.
struct TemplateData {
    /// Strings, whole numbers, numbers, booleans, lists and objects, as mustache reads them.
    var values: [String: Any]

    /// - Throws: `RenderError` when the text is not a JSON object.
    init(json: String) throws(RenderError) {
        do {
            values = try JSONDecoder().decode([String: Value].self, from: Data(json.utf8)).compactMapValues(\.plain)
        } catch {
            throw RenderError(description: "data is not a JSON object")
        }
    }

    /// Whether `key`, which may be a path such as `order.id`, has a value.
    func has(_ key: String) -> Bool { look(key) != nil }

    /// The value as text; nil when it is missing or not a plain value.
    func text(_ key: String) -> String? {
        switch look(key) {
        case let value as String: value
        case let value as Int: String(value)
        case let value as Double: String(value)
        case let value as Bool: String(value)
        default: nil
        }
    }

    private func look(_ key: String) -> Any? {
        if key == "." { return values }
        var found: Any? = values
        for part in key.split(separator: ".") {
            found = (found as? [String: Any])?[String(part)]
        }
        return found
    }

    private enum Value: Decodable {
        case string(String), int(Int), double(Double), bool(Bool), list([Value]), object([String: Value]), null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int.self) {
                self = .int(value)
            } else if let value = try? container.decode(Double.self) {
                self = .double(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .list(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        /// Nil for null, so that a null counts as missing.
        var plain: Any? {
            switch self {
            case .string(let value): value
            case .int(let value): value
            case .double(let value): value
            case .bool(let value): value
            case .list(let values): values.compactMap(\.plain)
            case .object(let values): values.compactMapValues(\.plain)
            case .null: nil
            }
        }
    }
}

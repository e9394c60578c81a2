import Delivery
import Mustache

/// A job's `data`, ready for templates.
struct TemplateData {
    /// What mustache reads. A null counts as missing.
    let context: any MustacheParent
    private let refusal: Refusal
    private let json: JSON

    /// - Throws: `RenderError` when the text is not a JSON object.
    init(json: String) throws(RenderError) {
        guard let json = JSON(parsing: Array(json.utf8)), case .object(let members) = json else {
            throw RenderError(description: "data is not a JSON object")
        }
        self.json = json
        refusal = Refusal()
        context = DataObject(name: ".", members: Self.values(members, refusal), refusal: refusal)
    }

    /// The key of a list or an object that a template put where a text must stand. No text is made of those.
    var refusedKey: String? { refusal.key }

    /// Whether `key`, which may be a path such as `order.id`, has a value.
    func has(_ key: String) -> Bool { look(key) != nil }

    /// The value as text; nil when it is missing or not a plain value.
    func text(_ key: String) -> String? {
        switch look(key) {
        case let value as String: value
        case let value as Int: String(value)
        case let value as Bool: String(value)
        default: nil
        }
    }

    /// Whether a key or a text has this scalar.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        String(decoding: json.encoded, as: UTF8.self).unicodeScalars.contains(scalar)
    }

    private func look(_ key: String) -> Any? {
        var found: Any? = context
        guard key != "." else { return found }
        for part in key.unicodeScalars.split(separator: ".") {
            found = (found as? any MustacheParent)?.child(named: String(part))
        }
        return found
    }

    private static func values(_ members: [JSON.Member], _ refusal: Refusal) -> [DataKey: Any] {
        let values = members.compactMap { member in
            value(member.value, of: member.name, refusal).map { (DataKey(member.name), $0) }
        }
        return Dictionary(values) { first, _ in first }
    }

    private static func value(_ value: JSON, of key: String, _ refusal: Refusal) -> Any? {
        switch value {
        case .null: nil
        case .bool(let value): value
        case .string(let value): value
        case .number(let text): number(text)
        case .array(let elements):
            DataList(
                name: key, elements: elements.compactMap { Self.value($0, of: key, refusal) }, refusal: refusal)
        case .object(let members): DataObject(name: key, members: values(members, refusal), refusal: refusal)
        }
    }

    /// Stands in a text as it was written. A whole number is one, so that a template can ask whether it is odd. It is
    /// none when it is so large that one more (`plusone`) could be too much for the machine.
    private static func number(_ text: String) -> Any {
        guard text.utf8.count <= 18, let number = Int(text), String(number) == text else { return text }
        return number
    }
}

/// A key of the data, compared byte by byte as PostgreSQL does: two spellings of one letter are two keys.
private struct DataKey: Hashable, Comparable {
    let name: String

    init(_ name: String) { self.name = name }

    static func == (one: DataKey, other: DataKey) -> Bool { one.name.hasBytes(of: other.name) }

    static func < (one: DataKey, other: DataKey) -> Bool { one.name.utf8.lexicographicallyPrecedes(other.name.utf8) }

    func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
    }
}

/// Remembers the key of the first list or object that was asked for a text.
private final class Refusal {
    private(set) var key: String?

    /// Nothing, in the place of the text.
    func text(for key: String) -> String {
        self.key = self.key ?? key
        return ""
    }
}

/// A list: for sections, and for transforms such as `count(items)`.
private struct DataList: Sequence, MustacheSequence, MustacheTransformable, MustacheCustomRenderable {
    let name: String
    let elements: [Any]
    let refusal: Refusal

    var renderText: String { refusal.text(for: name) }
    var isNull: Bool { false }

    func makeIterator() -> IndexingIterator<[Any]> { elements.makeIterator() }

    func transform(_ transform: String) -> Any? {
        guard transform == "reversed" else { return elements.transform(transform) }
        return DataList(name: name, elements: elements.reversed(), refusal: refusal)
    }
}

/// An object: for sections and paths.
private struct DataObject: MustacheParent, MustacheTransformable, MustacheCustomRenderable {
    let name: String
    let members: [DataKey: Any]
    let refusal: Refusal

    var renderText: String { refusal.text(for: name) }
    var isNull: Bool { false }

    func child(named name: String) -> Any? { members[DataKey(name)] }

    func transform(_ transform: String) -> Any? {
        guard transform == "sorted" || transform == "enumerated" else { return members.transform(transform) }
        let pairs = members.sorted { $0.key < $1.key }.map { member in
            DataObject(
                name: name, members: [DataKey("key"): member.key.name, DataKey("value"): member.value],
                refusal: refusal)
        }
        return DataList(name: name, elements: pairs, refusal: refusal)
    }
}

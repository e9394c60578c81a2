import Signing

extension FormParameters {
    /// The fields as an object; a repeated name becomes an array.
    var json: JSONValue {
        var seen = Set<String>()
        let members = pairs.compactMap { pair -> JSONValue.Member? in
            guard seen.insert(pair.name).inserted else { return nil }
            let values = values(of: pair.name).map(JSONValue.string)
            return .init(name: pair.name, value: values.count == 1 ? values[0] : .array(values))
        }
        return .object(members)
    }
}

import Delivery

/// Something that is to go wrong, for requests that match.
struct Fault: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// The reply comes `seconds` late; the request is accepted at once. Not scaled.
        case delay
        /// 429 with `Retry-After`; nothing is accepted.
        case tooManyRequests = "429"
        /// 500; nothing is accepted.
        case errorBeforeAccept = "500_before_accept"
        /// 500, yet the request was accepted.
        case errorAfterAccept = "500_after_accept"
        /// The connection closes without a reply; nothing is accepted.
        case resetBeforeAccept = "reset_before_accept"
        /// The connection closes without a reply, yet the request was accepted.
        case resetAfterAccept = "reset_after_accept"
        /// The reply breaks off in the middle.
        case halfReply = "half_reply"
        /// A success status with a body that is no JSON.
        case garbage
        /// Each callback three times.
        case duplicateCallbacks = "duplicate_callbacks"
        case reorderCallbacks = "reorder_callbacks"
        /// A `fraction` of the callbacks never leaves.
        case loseCallbacks = "lose_callbacks"
        /// The first callback arrives before the reply to the request.
        case earlyCallbacks = "early_callbacks"
    }

    var id: Int
    var kind: Kind
    /// Matches requests whose path contains it; empty matches all.
    var path = ""
    /// Matches recipients that begin so; empty matches all.
    var to = ""
    /// How often it strikes yet; `nil` for ever.
    var remaining: Int? = nil
    /// How likely a match is to strike, 0…1.
    var probability = 1.0
    /// Seconds of `delay`, at most 300.
    var seconds = 1.0
    /// Share of `lose_callbacks`, 0…1.
    var fraction = 1.0
    var struck = 0

    func matches(path: String, to: String) -> Bool {
        (self.path.isEmpty || path.contains(self.path))
            && (self.to.isEmpty || to.hasPrefix(self.to)) && remaining != 0
    }

    /// Reads a fault from the control API; the message says what is wrong.
    init(id: Int, json: JSON) throws(ControlError) {
        guard let name = json["kind"]?.string, let kind = Kind(rawValue: name) else {
            throw ControlError("kind must be one of: " + Kind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        (self.id, self.kind) = (id, kind)
        path = json["match"]?["path"]?.string ?? ""
        to = json["match"]?["to"]?.string ?? ""
        remaining = json["count"]?.integer
        probability = json["probability"]?.number ?? 1
        seconds = json["seconds"]?.number ?? 1
        fraction = json["fraction"]?.number ?? 1
        guard (0...1).contains(probability) else { throw ControlError("probability must be between 0 and 1") }
        guard (0...1).contains(fraction) else { throw ControlError("fraction must be between 0 and 1") }
        guard (0...300).contains(seconds) else { throw ControlError("seconds must be between 0 and 300") }
        guard remaining.map({ $0 > 0 }) ?? true else { throw ControlError("count must be at least 1") }
    }

    var json: JSON {
        [
            "id": .integer(id), "kind": .string(kind.rawValue), "match": ["path": .string(path), "to": .string(to)],
            "count": .optional(remaining), "probability": .double(probability), "seconds": .double(seconds),
            "fraction": .double(fraction), "struck": .integer(struck),
        ]
    }
}

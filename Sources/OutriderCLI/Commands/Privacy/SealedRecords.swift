import Delivery
import Signing

/// Puts what is sealed in exported jobs into the clear, as far as the keys are here.
struct SealedRecords {
    private let seal: TextSeal
    /// Keys that were not here, and how many contents need them.
    private(set) var missing: [String: Int] = [:]
    /// Contents that do not open with their keys.
    private(set) var broken = 0

    init(_ seal: TextSeal) { self.seal = seal }

    /// The record with body, subject and data in the place of `sealed`; it says so where they could not be opened.
    mutating func opened(_ record: String) -> String {
        guard let json = JSON(parsing: Array(record.utf8)), case .object(let members) = json,
            let text = json["sealed"]?.string
        else { return record }
        var rest = members.filter { $0.name != "sealed" }
        let sealed = SealedContent(
            text, address: json["address"]?.string, phone: json["phone"]?.string, email: json["email"]?.string)
        do throws(TextSeal.Fault) {
            let text = try seal.open(sealed.text, for: SealedWords.purpose, of: sealed.owner)
            guard let words = SealedWords(encoded: text) else { throw .notAuthentic }
            if words.dataJSON != nil { rest.removeAll { $0.name == "data" } }
            rest += Self.members(of: words)
        } catch {
            rest.append(JSON.Member(name: "sealed", value: .string(note(error))))
        }
        return String(decoding: JSON.object(rest).encoded, as: UTF8.self)
    }

    private static func members(of words: SealedWords) -> [JSON.Member] {
        [
            words.body.map { JSON.Member(name: "body", value: .string($0)) },
            words.subject.map { JSON.Member(name: "subject", value: .string($0)) },
            words.dataJSON.flatMap { JSON(parsing: Array($0.utf8)) }.map { JSON.Member(name: "data", value: $0) },
        ].compactMap(\.self)
    }

    private mutating func note(_ fault: TextSeal.Fault) -> String {
        switch fault {
        case .keyMissing(let key):
            missing[key, default: 0] += 1
            return "with the key \(key), which OUTRIDER_SEAL_KEYS does not have"
        case .notAuthentic:
            broken += 1
            return "and does not open with its key"
        }
    }

    /// One line for each thing that keeps the document from being whole.
    var notes: [String] {
        missing.sorted { $0.key < $1.key }.map { key, count in
            "\(count) content(s) are sealed with the key \(key): add it to OUTRIDER_SEAL_KEYS and export again"
        } + (broken > 0 ? ["\(broken) content(s) do not open with their keys: they were changed"] : [])
    }
}

import Foundation
import Signing
import Synchronization

/// Values that stand nowhere else in the world, so that each place where one turns up is a leak.
final class CanaryMarks: Sendable {
    /// What each mark holds, by its kind. Long enough that no random digits look like it.
    private static let word = "kanarek"
    private static let national = "173726519"
    private static let digits = "937310465"

    private let count = Mutex(0)

    /// How many were given out.
    var given: Int { count.withLock { $0 } }

    private var next: String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return String(format: "%04d", number)
    }

    /// One word: a name, a text, a token.
    func text() -> String { Self.word + next }
    /// Fifteen digits, as long as a number may be.
    func phone() -> String { "+49\(Self.national)\(next)" }
    func email() -> String {
        let word = text()
        return "\(word)@\(word).example"
    }
    /// Of a one-time password.
    func code() -> String { Self.digits + next }
    func body() -> String { "Hello \(text()), your code is \(code())" }

    /// Each line of `text` that holds a mark, plain or in base64.
    static func lines(of text: String) -> [String] {
        guard holdsOne(text) else { return [] }
        return text.split(separator: "\n").map(String.init).filter(holdsOne)
    }

    /// By bytes: a log is long, and a search by `Character` is slow.
    static func holdsOne(_ text: String) -> Bool {
        let bytes = Data(text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
        return needles.contains { bytes.range(of: $0) != nil }
    }

    /// In lower case. In base64 a word has three looks, by where it begins; its outermost letters depend on its neighbours.
    private static let needles: [Data] = {
        let words = [word, national, digits]
        let encoded = [word, national].flatMap { word in
            (0..<3).map { shift in
                let bytes = Array(repeating: UInt8(ascii: "x"), count: shift) + Array(word.utf8)
                let base64 = bytes.base64Encoded.filter { $0 != "=" }
                return String(base64.dropFirst([0, 2, 3][shift]).dropLast(2)).lowercased()
            }
        }
        return (words + encoded).map { Data($0.utf8) }
    }()
}

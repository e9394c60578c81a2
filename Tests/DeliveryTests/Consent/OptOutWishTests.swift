import Delivery
import Foundation
import Testing

/// What people write in sentences, in eight languages: `opt-out-wishes.txt`.
@Suite("Sentences that ask for an end")
struct OptOutWishTests {
    private struct Text {
        var language, meaning, text: String
        var stops, wishes: Bool
    }

    /// Read once for all tests.
    private static let reading = Result { try read() }
    private static func corpus() throws -> [Text] { try reading.get() }

    private static func read() throws -> [Text] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "opt-out-wishes.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return try lines.map { line in
            let columns = line.split(separator: "\t", maxSplits: 2).map { String($0) }
            try #require(columns.count == 3, "\(line)")
            let text = columns[2].replacing("\\n", with: "\n")
            return Text(
                language: columns[0], meaning: columns[1], text: text, stops: OptOutKeyword(message: text) == .stop,
                wishes: OptOutWish(message: text) != nil)
        }
    }

    @Test("of words 0.99 are read, of words and sentences 0.95, and of what is read 0.99 asks for an end")
    func figures() throws {
        let corpus = try Self.corpus()
        let words = corpus.filter { $0.meaning == "stop" }
        let asking = corpus.filter { $0.meaning != "none" }
        let read = corpus.filter { $0.stops || $0.wishes }
        let wordRecall = Double(words.count(where: \.stops)) / Double(words.count)
        let recall = Double(asking.count { $0.stops || $0.wishes }) / Double(asking.count)
        let precision = Double(read.count { $0.meaning != "none" }) / Double(read.count)
        print(
            "opt-out sentences: \(corpus.count) texts, recall of words \(wordRecall), of all \(recall), precision \(precision)"
        )
        #expect(wordRecall >= 0.99 && recall >= 0.95 && precision >= 0.99)
        for text in corpus where (text.stops || text.wishes) != (text.meaning != "none") {
            print("\(text.language): \(text.text.debugDescription) should be read as \(text.meaning)")
        }
    }

    @Test("each language has its recall and precision, not only all of them together", arguments: Self.languages)
    func figures(of language: String) throws {
        let corpus = try Self.corpus().filter { $0.language == language }
        let asking = corpus.filter { $0.meaning != "none" }
        let read = corpus.filter { $0.stops || $0.wishes }
        #expect(asking.count >= 75 && corpus.count - asking.count >= 50)
        #expect(Double(asking.count { $0.stops || $0.wishes }) / Double(asking.count) >= 0.93)
        #expect(Double(read.count { $0.meaning != "none" }) / Double(read.count) >= 0.97)
    }

    private static let languages = ["en", "es", "fr", "de", "pt", "it", "pl", "nl"]

    @Test(
        "a word that stops by itself is no sentence for an operator",
        arguments: ["STOP", "Stop. Thanks", "ARRÊT", "opt out"])
    func word(_ message: String) {
        #expect(OptOutKeyword(message: message) == .stop && OptOutWish(message: message) == nil)
    }

    @Test("what the person wrote is kept up to 500 characters, and never shown by accident")
    func text() throws {
        let long = "Please stop texting me. " + String(repeating: "secret ", count: 200)
        let wish = try #require(OptOutWish(message: long))
        #expect(wish.text == String(long.prefix(500)))
        #expect(!"\(wish)".contains("secret") && !String(reflecting: wish).contains("secret"))
        var shown = ""
        dump(wish, to: &shown)
        #expect(!shown.contains("secret"))
    }

    @Test("nobody's words take long", arguments: ["stop ", "no more ", "a ", "\u{301}", "STOP, ", "don't "])
    func length(_ piece: String) {
        let clock = ContinuousClock()
        let few = clock.measure { for _ in 0..<20 { _ = OptOutWish(message: String(repeating: piece, count: 100)) } }
        let many = clock.measure {
            for _ in 0..<20 { _ = OptOutWish(message: String(repeating: piece, count: 100_000)) }
        }
        // A hundred times the words cost what reading them costs, as only the first are searched.
        #expect(many < few * 100 + .milliseconds(200))
    }
}

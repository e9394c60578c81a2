import Delivery
import Foundation
import Testing

/// What people write back, in eight languages: `opt-out-corpus.txt`.
@Suite("Opt-out words in a corpus")
struct OptOutCorpusTests {
    private struct Text {
        var language: String
        var meaning: OptOutKeyword?
        var text: String

        var isRead: Bool { OptOutKeyword(message: text) == meaning }
    }

    private static func corpus() throws -> [Text] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "opt-out-corpus.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return try lines.map { line in
            let columns = line.split(separator: "\t", maxSplits: 2)
            try #require(columns.count == 3, "\(line)")
            return Text(
                language: String(columns[0]), meaning: OptOutKeyword(rawValue: String(columns[1])),
                text: unescaped(String(columns[2])))
        }
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("\\n", with: "\n").replacing("\\r", with: "\r").replacing(/\\u([0-9a-f]{4})/) { match in
            UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map { String($0) } ?? ""
        }
    }

    @Test("recall and precision of each class are 0.99 or more in eight languages", arguments: OptOutKeyword.allCases)
    func figures(_ keyword: OptOutKeyword) throws {
        let corpus = try Self.corpus()
        let meant = corpus.filter { $0.meaning == keyword }
        let read = corpus.filter { OptOutKeyword(message: $0.text) == keyword }
        let right = meant.count(where: \.isRead)
        let (recall, precision) = (Double(right) / Double(meant.count), Double(right) / Double(read.count))
        print(
            "opt-out corpus, \(keyword.rawValue): \(meant.count) texts, recall \(recall), precision \(precision)")
        #expect(recall >= 0.99 && precision >= 0.99)
        for text in meant where !text.isRead {
            Issue.record("\(text.language): \(text.text.debugDescription) is not read as \(keyword.rawValue)")
        }
        for text in read where text.meaning != keyword {
            Issue.record("\(text.language): \(text.text.debugDescription) is read as \(keyword.rawValue)")
        }
    }

    @Test("the corpus has at least 400 texts, of each language as many, and of each class in each language")
    func balanced() throws {
        let corpus = try Self.corpus()
        #expect(corpus.count >= 400)
        let sizes = Dictionary(grouping: corpus, by: \.language).mapValues(\.count)
        #expect(sizes.count == 8 && Set(sizes.values).count == 1, "\(sizes)")
        for language in sizes.keys {
            let classes = Dictionary(grouping: corpus.filter { $0.language == language }, by: \.meaning)
            #expect(classes.count == 4 && classes.values.allSatisfy { $0.count >= 10 }, "\(language)")
        }
    }
}

import Foundation
import FuzzProperties
import Testing

@Suite("What fuzzing found and kept")
struct CorpusTests {
    @Test("every kept input keeps every property", arguments: FuzzTarget.all)
    func corpus(_ target: FuzzTarget) throws {
        let files = try Corpus.files(of: target)
        #expect(!files.isEmpty, "the corpus of \(target.name) is missing")
        for file in files {
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.check(Corpus.bytes(of: file)) }
        }
    }

    @Test("small changes of every kept input keep every property", arguments: FuzzTarget.all)
    func changes(_ target: FuzzTarget) throws {
        let inputs = try Corpus.files(of: target).map(Corpus.bytes)
        var mutation = Mutation(random: SeededGenerator(state: 1))
        for _ in 0..<300 {
            let changed = mutation.changed(inputs)
            #expect(throws: Never.self, "\(changed)") { try target.check(changed) }
        }
    }
}

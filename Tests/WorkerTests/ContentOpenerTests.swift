import Delivery
import JobQueue
import Postgres
import Providers
import Rendering
import Signing
import Testing

@testable import Worker

/// Jobs whose content was sealed before they came in.
@Suite("Sealed contents", .timeLimit(.minutes(5)))
struct ContentOpenerTests {
    private static let keys = ["k1", "k2"].map {
        "\($0):\([UInt8](repeating: $0.utf8.last ?? 0, count: 32).base64Encoded)"
    }
    private static let one = TextSeal(keys: keys[0]) ?? TextSeal()
    private static let both = TextSeal(keys: "\(keys[1]),\(keys[0])") ?? TextSeal()

    private static func sealed(
        _ words: SealedWords, by seal: TextSeal = one, address: String? = "+48600000001", phone: String? = nil,
        email: String? = nil
    ) throws -> SealedContent {
        let text = try #require(seal.seal(words.encoded, for: SealedWords.purpose, of: [address, phone, email]))
        return SealedContent(text, address: address, phone: phone, email: email)
    }

    private static func opened(_ content: JobContent, by seal: TextSeal) throws -> JobContent {
        let row = ContentOpener(seal).opened(TakenRow(Sample.job(1).due, .job(Sample.job(1) { $0.content = content })))
        guard case .job(let job) = row.state else { throw StoreError.unreadable("no job") }
        return job.content
    }

    @Test("words are opened into their places; a template's own body and subject stay, and nothing else is touched")
    func places() throws {
        let words = SealedWords(body: "918273", subject: "Code", dataJSON: #"{"code":12.50}"#)
        var own = JobContent()
        own.seal = .closed(try Self.sealed(words))
        let opened = try Self.opened(own, by: Self.both)
        #expect(opened.body == "918273" && opened.subject == "Code" && opened.dataJSON == #"{"code":12.50}"#)
        var template = JobContent(isTemplate: true, body: "Hi {{code}}", subject: "Hello")
        template.seal = .closed(try Self.sealed(SealedWords(subject: "other", dataJSON: #"{"code":12.50}"#)))
        template = try Self.opened(template, by: Self.one)
        #expect(template.body == "Hi {{code}}" && template.subject == "Hello")
        #expect(try ContentRenderer().render(template, for: .sms, approved: false) == .text("Hi 12.50"))
        let clear = JobContent(body: "v1.k1.AAAA")
        #expect(try Self.opened(clear, by: Self.one) == clear)
    }

    @Test("no text is made of content that was not opened", arguments: Channel.allCases)
    func unopened(_ channel: Channel) throws {
        let closed = ContentSeal.closed(try Self.sealed(SealedWords(body: "918273")))
        for seal in [closed, .keyMissing("k1"), .broken] {
            for approved in [false, true] {
                var content = JobContent(
                    isTemplate: true, body: "Hi", subject: "s", contentSID: "HX1", dynamicTemplate: "d-1")
                content.seal = seal
                #expect(throws: RenderError.self) {
                    try ContentRenderer().render(content, for: channel, approved: approved)
                }
            }
        }
    }

    @Test(
        "by what `open_sends` keeps nobody guesses a sealed text, and two that say the same still wait for each other")
    func sendKey() throws {
        func key(_ body: String, _ seal: TextSeal) throws -> SendKey {
            var content = JobContent()
            content.seal = .closed(try Self.sealed(SealedWords(body: body), by: seal))
            let opened = try Self.opened(content, by: Self.both)
            return Sample.job(1) { $0.content = opened }.sendKey
        }
        let clear = Sample.job(1) { $0.content = JobContent(body: "918273") }.sendKey
        #expect(try key("918273", Self.one).value == key("918273", Self.one).value)
        #expect(try key("918273", Self.one).value != key("918274", Self.one).value)
        #expect(try key("918273", Self.one).value != clear.value)
        #expect(try key("918273", Self.one).content == nil && clear.content != nil)
        #expect(try key("918273", Self.one).likeness == clear.likeness)
    }

    @Test("a key that is missing is in trouble until nothing has needed it for ten minutes")
    func trouble() {
        let (watch, now) = (SealWatch(), ContinuousClock.now)
        #expect(watch.troubles(at: now).isEmpty)
        watch.lacks("k1", at: now)
        watch.lacks("k1", at: now + .seconds(60))
        let troubles = watch.troubles(at: now + .seconds(659))
        #expect(troubles.map(\.cause) == [.sealKeyMissing] && troubles.map(\.scope) == ["k1"])
        #expect(troubles.first?.seconds == 659)
        #expect(watch.troubles(at: now + .seconds(660)).isEmpty)
    }

    // MARK: With a database

    private static func insert(_ words: SealedWords, _ harness: Harness, to address: String = "+48600000001")
        async throws -> Int
    {
        let sealed = try Self.sealed(words).text
        return try await harness.insert(
            "channel, address, category, sealed", "'sms', '\(address)', 'alert', '\(sealed)'")
    }

    @Test(
        "a worker without the key sends nothing and burns nothing: the job waits by name, and goes on where the key is")
    func waits() async throws {
        var harness = try await Harness { $0.opener = ContentOpener() }
        let job = try await Self.insert(SealedWords(body: "918273"), harness)
        let blind = harness
        try await harness.working {
            try await blind.eventually("it is put off") {
                try await blind.story(of: job) == ["deferred/1/seal_key_missing"]
            }
            let why = try await blind.query("select outrider.why($1) as v", [.int(job)])
            #expect(try why[0].string("v").contains("add the key to OUTRIDER_SEAL_KEYS"))
        }
        #expect(harness.configuration.opener.watch.troubles.map(\.scope) == ["k1"])
        let reason = try await harness.query("select reason from outrider.events where job_id = $1", [.int(job)])
        #expect(try reason[0].string("reason").contains("sealed with the key k1, which the worker does not have"))
        #expect(harness.provider.sent.isEmpty)
        try await harness.query("update outrider.due set at = now() where job_id = $1", [.int(job)])
        harness.configuration.opener = ContentOpener(Self.both)
        harness.provider.goOn()
        let seeing = harness
        try await harness.working {
            try await seeing.eventually("it is sent") { !seeing.provider.sent.isEmpty }
        }
        #expect(harness.provider.contents == [.text("918273")])
        #expect(harness.provider.sent.map(\.generation) == [1])
    }

    @Test(
        "content that was changed, or put into another person's row, reaches nobody and ends with a reason of its own")
    func broken() async throws {
        let harness = try await Harness { $0.opener = ContentOpener(Self.one) }
        let swapped = try await Self.insert(SealedWords(body: "918273"), harness, to: "+48600000002")
        let changed = try await Self.insert(SealedWords(body: "918273"), harness)
        let right = try await Self.insert(SealedWords(body: "555"), harness)
        try await harness.query(
            "update outrider.jobs set sealed = left(sealed, -2) || translate(right(sealed, 2), 'ABCDabcd', 'EFGHefgh') || 'AA' where id = $1",
            [.int(changed)])
        try await harness.working {
            try await harness.eventually("all are done with") {
                let ends = [try await harness.outcome(of: swapped), try await harness.outcome(of: changed)]
                return ends == ["exhausted", "exhausted"] && harness.provider.sent.map(\.jobID) == [right]
            }
        }
        for job in [swapped, changed] {
            #expect(try await harness.story(of: job).contains("answer/skipped/seal_broken"))
            let why = try await harness.query("select outrider.why($1) as v", [.int(job)])
            #expect(try why[0].string("v").contains("its sealed content does not open"))
        }
        #expect(harness.provider.contents == [.text("555")])
    }

    @Test("a send whose fate is unknown is not looked for by a worker that cannot read it, and found by one that can")
    func looks() async throws {
        var harness = try await Harness { $0.opener = ContentOpener(Self.one) }
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        let job = try await Self.insert(SealedWords(body: "918273"), harness)
        let sending = harness
        for _ in 0..<100 { harness.provider.list(.unavailable(reason: "http_503")) }
        try await harness.working {
            try await sending.eventually("its answer is lost") {
                try await sending.story(of: job).contains("answer/unknown")
            }
        }
        harness.configuration.opener = ContentOpener()
        let looked = harness.provider.looks.count
        let blind = harness
        try await harness.working {
            try await blind.eventually("it says why") {
                try await !blind.query(
                    "select from outrider.events where job_id = $1 and reason like '%sealed%'", [.int(job)]
                ).isEmpty
            }
        }
        #expect(harness.provider.looks.count == looked && harness.provider.sent.count == 1)
    }
}

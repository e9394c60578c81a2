import Delivery
import Testing

@testable import JobQueue
@testable import OutriderCLI

@Suite("The people of a rehearsal")
struct StandInTests {
    private static func person(_ columns: [String: String], line: Int = 1) throws -> AudienceBatch.Person {
        var batch = AudienceBatch()
        batch.add(try AudienceMember(line: line, columns))
        return batch.people[0]
    }

    private static let reached = PersonOutlook(problem: nil, closed: [], consented: [], isWindowOpen: false)

    @Test(
        "a number becomes another one of the same calling code, which begins as no national number does",
        arguments: [
            ("+48600100200", "+480000000007"), ("+15005550006", "+10000000007"), ("+79161234567", "+70000000007"),
            ("+447700900123", "+440000000007"), ("+35312345678", "+3530000000007"), ("+12425550123", "+10000000007"),
            ("+491511234567890", "+490000000000007"), ("+3901234", "+390000000007"),
        ])
    func phones(_ real: String, _ standIn: String) throws {
        let made = StandIns.phone(for: real, serial: 7)
        #expect(made == standIn && made != real)
        #expect(StandIns.callingCode(of: made) == StandIns.callingCode(of: real))
        #expect(try PhoneNumber(made).e164 == made)
    }

    @Test(
        "nothing that has the form of an address is left in a row, whichever column or depth it stands in; texts keep their length"
    )
    func scrubbed() throws {
        let person = try Self.person([
            "key": "ann@shop.example", "phone": "+48600100200", "email": "Ann.Lee@home.example", "locale": "pl",
        ])
        let values = """
            {"name": "Ann", "boss": "+447700900123", "note": "ask ben@work.example, or 48600100200", "n": 48600100200,
             "deep": [{"to": "ann@shop.example"}], "code": 1234}
            """
        let row = StandIns.row(of: person.member, values: values, serial: 12)
        let text = String(decoding: row.encoded, as: UTF8.self)
        for real in ["600100200", "7700900123", "shop.example", "home.example", "work.example", "Lee"] {
            #expect(!text.contains(real), "\(real) in \(text)")
        }
        #expect(row["key"]?.string == "person-12" && row["locale"]?.string == "pl")
        #expect(row["phone"]?.string == "+480000000012" && row["email"]?.string == "p000012@example.com")
        #expect(row["data"]?["name"]?.string == "Ann" && row["data"]?["code"]?.integer == 1_234)
        #expect(row["data"]?["boss"]?.string == "+440000000000")
        #expect(row["data"]?["note"]?.string?.count == "ask ben@work.example, or 48600100200".count)
    }

    @Test("a sample is the same whatever order people come in, and takes evenly from all of them")
    func sample() throws {
        let people = try (0..<5_000).map {
            try Self.person(["key": "k\($0)", "phone": "+4860\(1_000_000 + $0)"], line: $0)
        }
        func keys(_ people: [AudienceBatch.Person], seed: UInt64) -> [String] {
            var sample = RehearsalSample(of: 500, seed: seed)
            for person in people { sample.add(person, Self.reached) }
            #expect(sample.people == 5_000)
            return sample.taken().compactMap(\.person.member.key)
        }
        let taken = keys(people, seed: 1)
        #expect(taken.count == 500 && Set(taken).count == 500)
        #expect(keys(people.reversed(), seed: 1) == taken && keys(people, seed: 2) != taken)
        // Of each fifth some hundred; far more or fewer is a hash that does not spread.
        for part in 0..<5 {
            let count = taken.count { Int($0.dropFirst()).map { $0 / 1_000 == part } ?? false }
            #expect((70...130).contains(count), "\(count) of part \(part)")
        }
    }

    @Test("fates come in the shares that were asked for, are those of the seed, and are told in the sandbox's words")
    func fates() {
        let shares = FateShares([:])
        var counts: [RehearsalFate: Int] = [:]
        for serial in 1...20_000 { counts[shares.draw(seed: 1, serial: serial, channel: .sms), default: 0] += 1 }
        #expect(
            (18_250...18_550).contains(counts[.delivered] ?? 0) && (900...1_100).contains(counts[.unreachable] ?? 0))
        #expect(shares.hasSilent && !FateShares([.delivered: 3]).hasSilent)
        #expect(FateShares([.delivered: 3]).text == "delivered 100.0 %")
        #expect(
            (1...100).allSatisfy { FateShares([.filtered: 1]).draw(seed: 9, serial: $0, channel: .email) == .filtered })
        #expect(
            RehearsalFate.delivered.name(on: .voice) == "answered"
                && RehearsalFate.unreachable.name(on: .email) == "bounce")
    }

    @Test(
        "an opt-out and a consent go with the stand-in, and a made-up number that somebody really gave stands for nobody"
    )
    func cast() throws {
        var sample = RehearsalSample(of: 10, seed: 1)
        sample.add(try Self.person(["key": "1", "phone": "+480000000001"]), Self.reached)
        sample.add(
            try Self.person(["key": "2", "phone": "+48600100200", "email": "a@b.example"], line: 2),
            PersonOutlook(problem: nil, closed: [.sms], consented: [.voice, .email], isWindowOpen: true))
        let cast = RehearsalCast(sample.taken(), shares: FateShares([.unreachable: 1]), seed: 1)
        let people = cast.batches.flatMap(\.people).map(\.member)
        #expect(
            people.map { $0.phone?.e164 } == ["+480000000002", "+480000000003"]
                && people[1].email?.address == "p000003@example.com")
        #expect(cast.optOuts.map { "\($0) \($1)" } == ["+480000000003 sms"])
        #expect(cast.consents.map { "\($0) \($1)" } == ["+480000000003 voice", "p000003@example.com email"])
        #expect(cast.writers == ["+480000000003"] && cast.count == 2)
        #expect(
            cast.fates.map { String(decoding: $0.encoded, as: UTF8.self) } == [
                #"{"address":"+480000000002","sms":"unreachable","voice":"no_answer","whatsapp":"not_user"}"#,
                #"{"address":"+480000000003","sms":"unreachable","voice":"no_answer","whatsapp":"not_user"}"#,
                #"{"address":"p000003@example.com","email":"bounce"}"#,
            ])
    }
}

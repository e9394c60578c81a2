import Delivery
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Insight
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("Finding a person on the page", .timeLimit(.minutes(5)))
struct PeopleTests {
    /// Stands in for a keyed hash: the last four letters, twelve digits in all.
    private static let names = AddressNames { address in
        let digits = address.utf8.suffix(4).map { String($0, radix: 16) }.joined()
        return "0000" + digits
    }

    private static func find(_ who: String, _ client: any TestClientProtocol) async throws -> TestResponse {
        try await client.post("/people", [.contentType: Person.form], FormParameters([("who", who)]).encoded())
    }

    @Test("a number, a mailbox and the hash that a page shows lead to the person's jobs, and the page shows no address")
    func finds() async throws {
        let gateway = try await GatewayFixture(names: Self.names)
        let jobs = try await gateway.query(
            """
            insert into outrider.jobs (kind, channel, ladder, address, phone, email, body, subject) values
                ('send', 'sms', null, '+15005550101', null, null, 'hello', null),
                ('notify', null, 'standard', null, '+15005550101', 'Ann@Example.com', 'hello', 'hello'),
                ('send', 'email', null, 'ben@example.com', null, null, 'hello', 'hello') returning id
            """
        ).map { try $0.int("id") }
        try await gateway.testing { client async throws in
            for (who, found) in [
                ("+15005550101", [0, 1]), (" +1 500 555 0101", [0, 1]), ("ANN@example.com", [1]),
                ("ben@example.com", [2]),
                ("#000030313031", [0, 1]), ("000030313031", [0, 1]), ("+15005550199", []), ("#000030313039", []),
            ] {
                let page = try await Self.find(who, client)
                #expect(page.status == .ok, "\(who)")
                for (place, job) in jobs.enumerated() {
                    #expect(page.text.contains("href=\"/jobs/\(job)\"") == found.contains(place), "\(who), \(place)")
                }
                #expect(page.text.contains("None among the newest") == found.isEmpty)
                #expect(!page.text.contains("5005550101") && !page.text.lowercased().contains("ann@example"))
            }
            #expect(try await Self.find("+15005550101", client).text.contains("<h1>Jobs of +1…01 #000030313031</h1>"))
            #expect(try await client.getInTime("/jobs/\(jobs[0])").text.contains("<p>To +1…01 #000030313031</p>"))
            #expect(
                try await client.getInTime("/jobs/\(jobs[1])").text.contains("To +1…01 #000030313031 and A…@…le.com #"))
        }
    }

    @Test("what is no address is not repeated, and nothing is found by a path or a query")
    func refuses() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            for who in ["", "0150", "<b>ann", "#12", String(repeating: "1", count: 5_000)] {
                let page = try await Self.find(who, client)
                #expect(
                    page.status == .badRequest && page.text.contains("role=\"alert\"") && !page.text.contains("<b>ann"))
            }
            #expect(try await client.get("/people/+15005550101").status == .notFound)
            let form = try await client.get("/people?who=%2B15005550101")
            #expect(form.status == .ok && !form.text.contains("5005550101"))
            #expect(form.text.contains("method=\"post\" action=\"/people\""))
        }
    }
}

import CLibCurl
import Testing

@testable import HTTPTransport

@Suite("One transfer", .timeLimit(.minutes(5)))
struct CurlTransferTests {
    /// Runs one transfer without the actor, whose own look at the fence would come first.
    private func run(notAfter: ContinuousClock.Instant?, gate: SendGate, url: String, body: [UInt8]) throws
        -> HTTPResult
    {
        let multi = try CurlMulti(maximumConnections: 1)
        let request = OutgoingRequest(method: .post, url: url, body: body)
        let permission = SendPermission(notAfter: notAfter, isRead: false, gate: gate)
        let transfer = try CurlTransfer(
            request, id: 1, permission: permission, remaining: .seconds(20), configuration: HTTPTransportConfiguration()
        )
        #expect(multi.add(transfer))
        defer { multi.remove(transfer) }
        while true {
            for (id, code) in multi.perform() {
                #expect(id == 1)
                return transfer.result(code)
            }
            multi.wait(milliseconds: 1_000)
        }
    }

    @Test(
        "libcurl's own callbacks hold the request back when the fence has passed", arguments: [[], Array("a=b".utf8)])
    func fence(body: [UInt8]) throws {
        let server = ScriptedServer { _ in .reply(reply("201 Created")) }
        defer { server.stop() }
        let result = try run(notAfter: .now - .seconds(1), gate: SendGate(), url: server.url, body: body)
        guard case .notSent(let reason) = result else { return #expect(Bool(false), "\(result)") }
        #expect(reason == NotSent(reason: .fencePassed, curlCode: 42))
        #expect(server.accepts == 0)
    }

    @Test("libcurl's own callbacks hold the request back when the switch is thrown")
    func shutdown() throws {
        let server = ScriptedServer { _ in .reply(reply("201 Created")) }
        defer { server.stop() }
        let gate = SendGate()
        gate.stop()
        let result = try run(notAfter: nil, gate: gate, url: server.url, body: [1])
        guard case .notSent(let reason) = result else { return #expect(Bool(false), "\(result)") }
        #expect(reason == NotSent(reason: .stopped, curlCode: 42))
        #expect(server.accepts == 0)
    }
}

import HTTPTransport
import Testing

@Suite("HTTP transport", .timeLimit(.minutes(5)))
struct HTTPTransportTests {
    private func post(_ url: String, _ body: String = "To=%2B15550100&Body=hello") -> OutgoingRequest {
        OutgoingRequest(
            method: .post, url: url, headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(body.utf8), totalTimeout: .seconds(20))
    }

    /// Runs `body` with a server and a transport, and ends both.
    private func with(
        _ configuration: HTTPTransportConfiguration = HTTPTransportConfiguration(),
        closesBeforeReading: Bool = false,
        steps: @escaping @Sendable (Int) -> ScriptedServer.Step,
        _ body: (HTTPTransport, ScriptedServer) async throws -> Void
    ) async throws {
        let server = ScriptedServer(closesBeforeReading: closesBeforeReading, steps: steps)
        defer { server.stop() }
        let transport = try HTTPTransport(configuration: configuration)
        try await body(transport, server)
        await transport.close()
    }

    @Test("a reply comes back whole, and the request went out as written")
    func answered() async throws {
        try await with(steps: { _ in .reply(reply("201 Created", headers: "X-Id: 7 \r\n", body: "{\"sid\":1}")) }) {
            transport, server in
            var request = post(server.url, "a=b")
            request.headers.append(("X-Job", "42"))
            request.credentials = .basic(user: "user", password: "pass:word")
            let response = try #require(await transport.perform(request).response)
            #expect(response.status == 201)
            #expect(response.header("x-id") == "7")
            #expect(response.body == Array("{\"sid\":1}".utf8))
            let sent = try #require(server.requests.first)
            #expect(sent.hasPrefix("POST /send HTTP/1.1\r\n"))
            #expect(sent.hasSuffix("\r\n\r\na=b"))
            #expect(sent.contains("\r\nX-Job: 42\r\n"))
            #expect(sent.contains("\r\nContent-Length: 3\r\n"))
            #expect(sent.contains("\r\nAuthorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n"))
            #expect(!sent.contains("Expect"))
        }
    }

    @Test("each method arrives as itself", arguments: OutgoingRequest.Method.allCases, ["", "x=1"])
    func methods(_ method: OutgoingRequest.Method, body: String) async throws {
        try await with(steps: { _ in .reply(reply("200 OK")) }) { transport, server in
            let request = OutgoingRequest(
                method: method, url: server.url, body: Array(body.utf8), credentials: .bearer("t0ken"))
            #expect(await transport.perform(request).response?.status == 200)
            #expect(server.requests.first?.hasPrefix("\(method.rawValue) /send HTTP/1.1\r\n") == true)
            #expect(server.requests.first?.hasSuffix("\r\n\r\n" + body) == true)
            #expect(server.requests.first?.contains("\r\nAuthorization: Bearer t0ken\r\n") == true)
        }
    }

    /// The first request keeps its connection alive; the second is read whole on it and then cut off.
    private static let closesReusedConnection: @Sendable (Int) -> ScriptedServer.Step = {
        $0 == 1 ? .close : .reply(reply("201 Created"))
    }

    @Test("a kept-alive connection closed after the body: one accept, and unknown")
    func keptAliveClose() async throws {
        try await with(steps: Self.closesReusedConnection) { transport, server in
            #expect(await transport.perform(post(server.url)).response?.status == 201)
            let unknown = try #require(await transport.perform(post(server.url)).unknown)
            #expect(unknown.reason == .connectionLost)
            #expect(unknown.curlCode == 65)
            #expect(unknown.bodyBytesSent == 25)
            #expect(server.accepts == 2, "one for each request")
            // Nothing is repeated later either: the next accept belongs to the next request.
            #expect(await transport.perform(post(server.url, "third")).response?.status == 201)
            #expect(server.requests.last?.hasSuffix("third") == true)
            #expect(server.accepts == 3)
        }
    }

    @Test("control arm: libcurl with POSTFIELDS repeats that POST silently, so the scenario can fail")
    func keptAliveCloseWithPostFields() {
        let server = ScriptedServer(steps: Self.closesReusedConnection)
        defer { server.stop() }
        let plain = PlainPost()
        #expect(plain.post(server.url, body: "a=b") == 201)
        #expect(plain.post(server.url, body: "a=b") == 201, "the caller sees one success")
        #expect(server.accepts == 3, "the second request was accepted twice")
    }

    @Test("a POST without a body is not repeated either")
    func keptAliveCloseWithoutBody() async throws {
        try await with(steps: Self.closesReusedConnection) { transport, server in
            #expect(await transport.perform(post(server.url, "")).response?.status == 201)
            #expect(await transport.perform(post(server.url, "")).unknown?.reason == .connectionLost)
            #expect(server.accepts == 2)
        }
    }

    @Test("nobody listens, no such name, not HTTP: not sent")
    func notSent() async throws {
        let transport = try HTTPTransport()
        let refused = await transport.perform(post("http://127.0.0.1:\(ScriptedServer.unservedPort())/"))
        #expect(refused.notSent == NotSent(reason: .connect, curlCode: 7))
        // A label of 64 characters is refused by the resolver itself, without a network.
        let host = String(repeating: "a", count: 64) + ".example"
        #expect(await transport.perform(post("http://\(host)/")).notSent == NotSent(reason: .resolve, curlCode: 6))
        for url in ["file:///etc/hostname", "ftp://127.0.0.1/", "", "http://a b/", "http://a/\r\nX: y", "http://"] {
            #expect(await transport.perform(post(url)).notSent?.reason == .invalidRequest)
        }
        var smuggling = post("http://127.0.0.1/")
        smuggling.headers = [("X", "1\r\nY: 2")]
        #expect(await transport.perform(smuggling).notSent?.reason == .invalidRequest)
        await transport.close()
    }

    @Test("TLS that fails: not sent")
    func tlsFailure() async throws {
        // The first bytes of a handshake hold no blank line, so the server goes on waiting for a request.
        try await with(closesBeforeReading: true, steps: { _ in .close }) { transport, server in
            let result = await transport.perform(post("https://127.0.0.1:\(server.port)/"))
            #expect(result.notSent?.reason == .tls)
        }
    }

    @Test("a fence in the past: not sent, nothing accepted", arguments: OutgoingRequest.Method.allCases)
    func fence(_ method: OutgoingRequest.Method) async throws {
        try await with(steps: { _ in .reply(reply("201 Created")) }) { transport, server in
            var request = post(server.url)
            request.method = method
            request.notAfter = .now - .milliseconds(1)
            #expect(await transport.perform(request).notSent?.reason == .fencePassed)
            request.notAfter = .now + .seconds(30)
            #expect(await transport.perform(request).response != nil)
            #expect(server.accepts == 1)
        }
    }

    @Test("a fence that passes while the handshake hangs or a slot is missing: not sent")
    func fencePassesLater() async throws {
        let configuration = HTTPTransportConfiguration(maximumTransfers: 1)
        try await with(configuration, steps: { _ in .stall }) { transport, server in
            var late = post("https://127.0.0.1:\(server.port)/")
            late.notAfter = .now + .milliseconds(50)
            #expect(await transport.perform(late).notSent?.reason == .fencePassed)

            async let first = transport.perform(post(server.url))
            await server.waitForAccepts(1)
            var second = post(server.url)
            second.notAfter = .now + .milliseconds(50)
            #expect(await transport.perform(second).notSent?.reason == .fencePassed)
            server.releaseOne(reply("201 Created"))
            #expect(await first.response?.status == 201)
            #expect(server.accepts == 1)
        }
    }

    @Test("the shutdown switch holds back what has not begun and lets the rest finish")
    func shutdown() async throws {
        let configuration = HTTPTransportConfiguration(maximumTransfers: 1)
        try await with(configuration, steps: { $0 == 0 ? .stall : .reply(reply("200 OK")) }) { transport, server in
            async let running = transport.perform(post(server.url))
            await server.waitForAccepts(1)
            async let waiting = transport.perform(post(server.url))
            transport.stopSending()
            #expect(await waiting.notSent?.reason == .stopped)
            #expect(await transport.perform(post(server.url)).notSent?.reason == .stopped)
            server.releaseOne(reply("201 Created"))
            #expect(await running.response?.status == 201)
            #expect(await transport.perform(OutgoingRequest(method: .get, url: server.url)).response?.status == 200)
            #expect(server.accepts == 2, "the running POST and the GET")
        }
    }

    @Test("closing waits for what runs and refuses the rest")
    func closing() async throws {
        let server = ScriptedServer { _ in .stall }
        defer { server.stop() }
        let transport = try HTTPTransport()
        async let running = transport.perform(post(server.url))
        await server.waitForAccepts(1)
        async let closed: Void = transport.close()
        server.releaseOne(reply("201 Created"))
        #expect(await running.response?.status == 201)
        await closed
        let late = await transport.perform(OutgoingRequest(method: .get, url: server.url))
        #expect(late.notSent?.reason == .stopped)
    }

    @Test("never more requests on the wire, or waiting, than configured")
    func bounds() async throws {
        let configuration = HTTPTransportConfiguration(maximumTransfers: 3, maximumWaiting: 7)
        try await with(configuration, steps: { _ in .stall }) { transport, server in
            await withTaskGroup(of: HTTPResult.self) { group in
                for _ in 0..<12 { group.addTask { await transport.perform(post(server.url)) } }
                var results: [HTTPResult] = []
                for _ in 0..<2 { results.append(await group.next()!) }
                #expect(results.allSatisfy { $0.notSent?.reason == .queueFull })
                for accepted in 3..<13 {
                    await server.waitForAccepts(min(accepted, 10))
                    server.releaseOne(reply("201 Created"))
                    #expect(await group.next()?.response?.status == 201)
                }
            }
            #expect(server.largestOpen == 3)
            #expect(server.accepts == 10)
        }
    }

    @Test(
        "what the provider says is an answer, whatever the status",
        arguments: [("429 Too Many Requests", 429), ("500 Oops", 500), ("302 Found", 302), ("400 Bad Request", 400)])
    func statuses(line: String, status: Int) async throws {
        let headers = "Retry-After: 3\r\nLocation: /elsewhere\r\n"
        try await with(steps: { _ in .reply(reply(line, headers: headers)) }) { transport, server in
            let response = try #require(await transport.perform(post(server.url)).response)
            #expect(response.status == status)
            #expect(response.header("retry-after") == "3")
            #expect(server.accepts == 1)
        }
    }

    static let brokenReplies: [(ScriptedServer.Step, UnknownSend.Reason, Int32, Int?)] = [
        (.close, .connectionLost, 52, nil),
        (.reset, .connectionLost, 56, nil),
        (.replyAndClose("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"sid\""), .connectionLost, 18, 201),
        (.replyAndClose("HTTP/1.1 201 Cr"), .connectionLost, 0, nil),
        (.replyAndClose("what?\r\n\r\n"), .unreadableReply, 1, nil),
        (.reply(reply("201 Created", body: String(repeating: "x", count: 1_001))), .replyTooLarge, 23, 201),
        (
            .reply(reply("201 Created", headers: "X: " + String(repeating: "x", count: 66_000) + "\r\n")),
            .replyTooLarge, 23, 201
        ),
    ]

    @Test("anything but a complete reply after the body left is unknown", arguments: brokenReplies.indices)
    func broken(_ index: Int) async throws {
        let (step, reason, code, status) = Self.brokenReplies[index]
        let configuration = HTTPTransportConfiguration(maximumReplyBytes: 1_000)
        try await with(configuration, steps: { _ in step }) { transport, server in
            let unknown = try #require(await transport.perform(post(server.url)).unknown)
            #expect(unknown.reason == reason)
            #expect(code == 0 || unknown.curlCode == code)
            #expect(unknown.status == status)
            #expect(unknown.bodyBytesSent == 25)
            #expect(server.accepts == 1)
        }
    }

    @Test("a reply of exactly the bound is accepted")
    func replyAtBound() async throws {
        let body = String(repeating: "x", count: 1_000)
        try await with(
            HTTPTransportConfiguration(maximumReplyBytes: 1_000), steps: { _ in .reply(reply("200 OK", body: body)) }
        ) {
            transport, server in
            #expect(await transport.perform(post(server.url)).response?.body.count == 1_000)
        }
    }

    @Test("every byte handed over is counted, in a large body too")
    func accounting() async throws {
        try await with(steps: { _ in .close }) { transport, server in
            let body = String(repeating: "b", count: 300_000)
            #expect(await transport.perform(post(server.url, body)).unknown?.bodyBytesSent == 300_000)
            #expect(server.requests.first?.hasSuffix("\r\n\r\n" + body) == true)
        }
    }

    @Test("a server that closes before reading got nothing, and is never taken for an answer")
    func closesBeforeReading() async throws {
        try await with(closesBeforeReading: true, steps: { _ in .close }) { transport, server in
            let result = await transport.perform(post(server.url))
            // Depends on whether the close is seen before the body is handed to the kernel.
            #expect(result.notSent != nil || (result.unknown?.bodyBytesSent ?? 0) > 0)
            #expect(server.accepts == 0)
        }
    }

    @Test("a silent server: unknown when the time is over, or the caller gives up")
    func silence() async throws {
        try await with(steps: { _ in .stall }) { transport, server in
            var request = post(server.url)
            request.totalTimeout = .milliseconds(100)
            let unknown = try #require(await transport.perform(request).unknown)
            #expect(unknown.reason == .timedOut)
            #expect(unknown.curlCode == 28)

            let task = Task { await transport.perform(post(server.url)) }
            await server.waitForAccepts(2)
            task.cancel()
            #expect(await task.value.unknown?.reason == .cancelled)
        }
    }

    @Test("time or the caller runs out while waiting for a slot: not sent")
    func waitingEnds() async throws {
        let configuration = HTTPTransportConfiguration(maximumTransfers: 1)
        try await with(configuration, steps: { _ in .stall }) { transport, server in
            async let first = transport.perform(post(server.url))
            await server.waitForAccepts(1)
            var second = post(server.url)
            second.totalTimeout = .milliseconds(20)
            #expect(await transport.perform(second).notSent?.reason == .timedOut)
            let third = Task { await transport.perform(post(server.url)) }
            third.cancel()
            #expect(await third.value.notSent?.reason == .cancelled)
            server.releaseOne(reply("201 Created"))
            #expect(await first.response?.status == 201)
            #expect(server.accepts == 1)
        }
    }

    @Test("a request's description shows neither address nor secret")
    func descriptions() {
        var request = post("http://user:secret@example.com/?To=%2B15550100", "secret")
        request.credentials = .basic(user: "secret", password: "secret")
        request.headers.append(("X", "secret"))
        var dumped = ""
        dump(request, to: &dumped)
        dump(request.credentials, to: &dumped)
        for text in ["\(request)", String(reflecting: request), "\(request.credentials)", dumped] {
            #expect(!text.contains("secret") && !text.contains("15550100"))
        }
    }
}

extension HTTPResult {
    fileprivate var response: ServerReply? { if case .answered(let response) = self { response } else { nil } }
    fileprivate var notSent: NotSent? { if case .notSent(let reason) = self { reason } else { nil } }
    fileprivate var unknown: UnknownSend? { if case .unknown(let reason) = self { reason } else { nil } }
}

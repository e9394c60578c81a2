import HTTPTypes
import Hummingbird

/// Turns an acceptance into a reply: first the ledger, then the life that follows, then the answer as fate has it.
struct Responder: Sendable {
    let world: SandboxWorld
    let ledgerFile: LedgerFile?
    let poster: any CallbackPoster

    func respond(to acceptance: Acceptance, status: HTTPResponse.Status, provider: ErrorShape) async throws -> Response
    {
        try await ledgerFile?.append(acceptance.entry.json)
        if acceptance.manner.isLate {
            if let first = await world.beginEarly(acceptance.journeys) {
                await world.finished(first, await poster.post(first.request))
            }
        } else {
            await world.begin(acceptance.journeys)
        }
        return try await reply(success(acceptance, status), acceptance.manner, provider: provider)
    }

    /// Gives the reply as fate has it.
    func reply(_ success: Response, _ manner: ReplyManner, provider: ErrorShape) async throws -> Response {
        if manner.delay > .zero { try await Task.sleep(for: manner.delay) }
        switch manner.mishap {
        case .serverError: throw provider.internalError
        case .hangUp: throw HangUp()
        case .garbage:
            return Response(status: success.status, body: ResponseBody(byteBuffer: ByteBuffer(string: "<html>502")))
        case .halfReply: return half(of: success)
        case nil: return success
        }
    }

    private func success(_ acceptance: Acceptance, _ status: HTTPResponse.Status) -> Response {
        var response = acceptance.reply.map { Response.json($0, status: status) } ?? .empty(status)
        if let id = acceptance.messageID, let name = HTTPField.Name("X-Message-Id") { response.headers[name] = id }
        return response
    }

    /// A reply that promises more bytes than it sends before the connection closes.
    private func half(of response: Response) -> Response {
        var headers = response.headers
        headers[.contentLength] = "1024"
        let body = ResponseBody(contentLength: 1024) { writer in
            try await writer.write(ByteBuffer(string: "{\"account_sid\": \"AC"))
            throw HangUp()
        }
        return Response(status: response.status, headers: headers, body: body)
    }
}

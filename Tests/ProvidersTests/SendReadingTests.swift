import Delivery
import HTTPTransport
import Providers
import Testing

private struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var channel = Channel.sms
    var result: HTTPResult
    var answer: SendReading

    var testDescription: String { name }
}

private func refused(
    _ code: String, _ known: FailureClass?, _ assumed: FailureClass, _ status: Int, after: Duration? = nil
) -> SendReading {
    .refused(code: code, class: known, defaultClass: assumed, httpStatus: status, retryAfter: after)
}

private func limited(_ reason: String, after: Duration?) -> SendReading {
    .notSent(reason: reason, retryAfter: after, isRateLimited: true)
}

private let created = #"{"sid":"\#(messageSID)","status":"queued"}"#
private let clock = (name: "Date", value: "Sun, 06 Nov 1994 08:49:37 GMT")

private let twilioRows = [
    Row(
        name: "201 with an id", result: reply(201, created),
        answer: .accepted(providerID: messageSID, providerStatus: "queued")),
    Row(
        name: "a call's 201", channel: .voice, result: reply(201, #"{"sid":"\#(callSID)"}"#),
        answer: .accepted(providerID: callSID, providerStatus: nil)),
    Row(
        name: "a call answered with a message's id", channel: .voice, result: reply(201, created),
        answer: .unknown(reason: "unreadable_success")),
    Row(name: "201 without a body", result: reply(201), answer: .unknown(reason: "unreadable_success")),
    Row(name: "201 cut short", result: reply(201, #"{"sid":"SM"#), answer: .unknown(reason: "unreadable_success")),
    Row(name: "200 of a proxy", result: reply(200, "<html>"), answer: .unknown(reason: "unreadable_success")),
    Row(
        name: "an id that is none", result: reply(201, #"{"sid":"SM/../1"}"#),
        answer: .unknown(reason: "unreadable_success")),
    Row(
        name: "400 with a code", result: reply(400, #"{"code":21211,"status":400}"#),
        answer: refused("21211", nil, .content, 400)),
    Row(
        name: "400 with a code of the account", result: reply(400, #"{"code":20404}"#),
        answer: refused("20404", nil, .configuration, 400)),
    Row(name: "400 without a code", result: reply(400, "no"), answer: refused("http_400", .content, .content, 400)),
    Row(
        name: "401", result: reply(401, #"{"code":20003}"#),
        answer: refused("20003", .credentials, .credentials, 401)),
    Row(
        name: "401 without a body", result: reply(401),
        answer: refused("http_401", .credentials, .credentials, 401)),
    Row(
        name: "403 with a code", result: reply(403, #"{"code":21408}"#),
        answer: refused("21408", nil, .configuration, 403)),
    Row(name: "403 of a proxy", result: reply(403), answer: refused("http_403", .configuration, .configuration, 403)),
    Row(name: "404 of a proxy", result: reply(404), answer: refused("http_404", .configuration, .configuration, 404)),
    Row(name: "301", result: reply(301), answer: refused("http_301", .configuration, .configuration, 301)),
    Row(name: "307", result: reply(307), answer: refused("http_307", .configuration, .configuration, 307)),
    Row(name: "408 of a proxy", result: reply(408), answer: .unknown(reason: "http_408")),
    Row(name: "429 with a code", result: reply(429, #"{"code":20429}"#), answer: limited("20429", after: nil)),
    Row(
        name: "429 with Retry-After", result: reply(429, "", [("retry-after", "7")]),
        answer: limited("http_429", after: .seconds(7))),
    Row(
        name: "429 with an absurd Retry-After", result: reply(429, "", [("Retry-After", "99999999999999999999")]),
        answer: limited("http_429", after: .seconds(3_600))),
    Row(
        name: "429 of a used-up resource", result: reply(429, #"{"code":60203}"#),
        answer: refused("60203", .rateLimited, .rateLimited, 429)),
    Row(
        name: "429 of used-up checks", result: reply(429, #"{"code":60202}"#, [("Retry-After", "60")]),
        answer: refused("60202", .rateLimited, .rateLimited, 429, after: .seconds(60))),
    Row(name: "500", result: reply(500, #"{"code":20500}"#), answer: .unknown(reason: "http_500")),
    Row(name: "502 of a proxy", result: reply(502, "<html>"), answer: .unknown(reason: "http_502")),
    Row(name: "503", result: reply(503, #"{"code":20503}"#), answer: .unknown(reason: "http_503")),
    Row(name: "a status from nowhere", result: reply(199), answer: .unknown(reason: "http_199")),
]

private let sendGridRows = [
    Row(
        name: "202 with an id", channel: .email, result: reply(202, "", [("x-message-id", "Xj5LmNkWSOqRbdvOpR34BA")]),
        answer: .accepted(providerID: "Xj5LmNkWSOqRbdvOpR34BA", providerStatus: nil)),
    Row(
        name: "202 with an id that cannot be stored", channel: .email,
        result: .answered(ServerReply(status: 202, headers: [("X-Message-Id", "a\u{0}b")])),
        answer: .unknown(reason: "unreadable_success")),
    Row(name: "202 without an id", channel: .email, result: reply(202), answer: .unknown(reason: "unreadable_success")),
    Row(
        name: "400 for the recipient", channel: .email,
        result: reply(400, #"{"errors":[{"message":"x","field":"personalizations.0.to.0.email"}]}"#),
        answer: refused("http_400", .invalidAddress, .content, 400)),
    Row(
        name: "400 for the sender", channel: .email, result: reply(400, #"{"errors":[{"field":"from.email"}]}"#),
        answer: refused("http_400", .configuration, .content, 400)),
    Row(
        name: "400 for the content", channel: .email, result: reply(400, #"{"errors":[{"field":null}]}"#),
        answer: refused("http_400", nil, .content, 400)),
    Row(name: "401", channel: .email, result: reply(401), answer: refused("http_401", nil, .credentials, 401)),
    Row(name: "403", channel: .email, result: reply(403), answer: refused("http_403", nil, .configuration, 403)),
    Row(name: "406", channel: .email, result: reply(406), answer: refused("http_406", nil, .configuration, 406)),
    Row(
        name: "413 in HTML", channel: .email, result: reply(413, "<html>"),
        answer: refused("http_413", nil, .content, 413)),
    Row(name: "302", channel: .email, result: reply(302), answer: refused("http_302", nil, .configuration, 302)),
    Row(
        name: "429 with a reset", channel: .email,
        result: reply(429, "", [clock, ("X-RateLimit-Reset", "784111787")]),
        answer: limited("http_429", after: .seconds(10))),
    Row(
        name: "429 with a past reset", channel: .email, result: reply(429, "", [clock, ("X-RateLimit-Reset", "1")]),
        answer: limited("http_429", after: .zero)),
    Row(
        name: "429 with a far reset", channel: .email,
        result: reply(429, "", [clock, ("X-RateLimit-Reset", "9223372036854775807")]),
        answer: limited("http_429", after: .seconds(3_600))),
    Row(
        name: "429 with a reset and no date", channel: .email,
        result: reply(429, "", [("X-RateLimit-Reset", "784111787")]), answer: limited("http_429", after: nil)),
    Row(name: "408", channel: .email, result: reply(408), answer: .unknown(reason: "http_408")),
    Row(name: "500", channel: .email, result: reply(500), answer: .unknown(reason: "http_500")),
]

@Suite("An answer says whether the provider took the message")
struct AnswerTests {
    @Test("by status, code and id", arguments: twilioRows + sendGridRows)
    private func table(row: Row) {
        #expect(requests.readSend(row.result, channel: row.channel) == row.answer)
    }

    @Test("proof that nothing left is not sent, on every channel", arguments: NotSent.Reason.allCases, Channel.allCases)
    func notSent(reason: NotSent.Reason, channel: Channel) {
        #expect(
            requests.readSend(.notSent(NotSent(reason: reason)), channel: channel)
                == .notSent(reason: reason.rawValue, retryAfter: nil, isRateLimited: false))
    }

    @Test("doubt stays doubt, whatever status came with it", arguments: UnknownSend.Reason.allCases, Channel.allCases)
    func unknown(reason: UnknownSend.Reason, channel: Channel) {
        #expect(
            requests.readSend(.unknown(UnknownSend(reason: reason, status: 201)), channel: channel)
                == .unknown(reason: reason.rawValue))
    }

    @Test("no 5xx and no 2xx without an id is ever an answer that allows a repeat", arguments: 200...599)
    func safety(status: Int) {
        for channel in Channel.allCases {
            switch requests.readSend(reply(status), channel: channel) {
            case .notSent: #expect(status == 429)
            case .refused: #expect((300...499).contains(status))
            case .accepted: Issue.record("accepted without an id")
            case .unknown: #expect(!(300...407).contains(status))
            }
        }
    }

    @Test("a limit of the account or of a sender is told from one of a single recipient")
    func speedLimits() {
        func limit(_ status: Int, _ body: String = "", _ channel: Channel = .sms) -> SpeedLimit? {
            requests.readSend(reply(status, body), channel: channel).speedLimit
        }
        #expect(limit(429, #"{"code":20429}"#) == .account)
        #expect(limit(429) == .account)
        #expect(limit(429, #"{"code":63038}"#, .whatsapp) == .account)
        #expect(limit(429, "", .email) == .account)
        #expect(limit(400, #"{"code":21611}"#) == .sender)
        for code in [14107, 60202, 60203, 60212] { #expect(limit(429, #"{"code":\#(code)}"#) == nil) }
        #expect(limit(400, #"{"code":21211}"#) == nil)
        #expect(limit(503) == nil)
        #expect(limit(201, created) == nil)
    }
}

import HTTPTransport
import Testing

@testable import Providers

@Suite("Whether a provider takes our credentials")
struct AccountCheckTests {
    private static let sid = "AC0123456789abcdef0123456789abcdef"
    private static let requests = ProviderRequests(
        twilio: TwilioAccount(accountSID: sid, apiKeySID: "SK0123456789abcdef0123456789abcdef", apiKeySecret: "secret"),
        sendGrid: SendGridAccount(apiKey: "SG.key"))

    struct Case: Sendable {
        var provider: ProviderName
        var status: Int
        var body: String
        var reading: AccountReading
    }

    static let cases = [
        Case(
            provider: .twilio, status: 200, body: #"{"sid":"\#(sid)","status":"active"}"#,
            reading: .accepted("the account is active")),
        Case(
            provider: .twilio, status: 200, body: #"{"sid":"\#(sid)","status":"suspended"}"#,
            reading: .unusable("the account is suspended")),
        Case(
            provider: .twilio, status: 200, body: #"{"messages":[],"page":0}"#,
            reading: .accepted("the key may list messages")),
        Case(
            provider: .twilio, status: 200, body: #"{"sid":"AC00000000000000000000000000000000"}"#,
            reading: .notTheAPI(status: 200)),
        Case(provider: .twilio, status: 200, body: "<html>parked</html>", reading: .notTheAPI(status: 200)),
        Case(
            provider: .twilio, status: 401, body: #"{"code":20003,"message":"Authenticate","status":401}"#,
            reading: .refused),
        Case(provider: .twilio, status: 401, body: "<html>proxy</html>", reading: .notTheAPI(status: 401)),
        Case(provider: .twilio, status: 403, body: #"{"code":20008,"message":"x","status":403}"#, reading: .forbidden),
        Case(provider: .twilio, status: 404, body: "not here", reading: .notTheAPI(status: 404)),
        Case(provider: .twilio, status: 301, body: "", reading: .redirected(status: 301)),
        Case(provider: .twilio, status: 503, body: "", reading: .failing(status: 503)),
        Case(
            provider: .sendgrid, status: 200, body: #"{"scopes":["mail.send"]}"#,
            reading: .accepted("the key may send mail")),
        Case(
            provider: .sendgrid, status: 200, body: #"{"scopes":["stats.read"]}"#,
            reading: .unusable("the key lacks Mail Send access (mail.send)")),
        Case(provider: .sendgrid, status: 200, body: "<html>", reading: .notTheAPI(status: 200)),
        Case(provider: .sendgrid, status: 401, body: #"{"errors":[{"message":"x"}]}"#, reading: .refused),
        Case(provider: .sendgrid, status: 403, body: #"{"errors":[{"message":"x"}]}"#, reading: .forbidden),
        Case(provider: .sendgrid, status: 429, body: "", reading: .failing(status: 429)),
    ]

    @Test("each answer is told apart from every other", arguments: cases)
    func reading(_ row: Case) {
        let reply = ServerReply(status: row.status, body: Array(row.body.utf8))
        #expect(Self.requests.readAccount(.answered(reply), of: row.provider) == row.reading)
    }

    @Test("no answer is told apart by its reason")
    func silence() {
        let tls = NotSent(reason: .tls)
        #expect(Self.requests.readAccount(.notSent(tls), of: .twilio) == .notSent("tls"))
        #expect(
            Self.requests.readAccount(.unknown(UnknownSend(reason: .timedOut)), of: .sendgrid) == .silent("timed_out"))
    }

    @Test(
        "Twilio is asked for the account, then for one message, which a standard key may read; SendGrid for the key's rights"
    )
    func questions() {
        #expect(
            Self.requests.accountQuestions(.twilio).map(\.url) == [
                "https://api.twilio.com/2010-04-01/Accounts/\(Self.sid).json",
                "https://api.twilio.com/2010-04-01/Accounts/\(Self.sid)/Messages.json?PageSize=1",
            ])
        #expect(Self.requests.accountQuestions(.sendgrid).map(\.url) == ["https://api.sendgrid.com/v3/scopes"])
        #expect(ProviderRequests(twilio: nil, sendGrid: nil).accountQuestions(.twilio).isEmpty)
    }
}

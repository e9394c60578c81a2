import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

/// Somebody at a browser.
struct Person {
    static let form = "application/x-www-form-urlencoded"
    let client: any TestClientProtocol
    let headers: HTTPFields

    init(_ client: any TestClientProtocol, _ access: GatewayConfiguration.OperatorAccess?) {
        self.client = client
        var headers: HTTPFields = [.contentType: Self.form]
        if let access {
            headers[.authorization] = "Basic \(Array("\(access.user):\(access.password)".utf8).base64Encoded)"
        }
        self.headers = headers
    }

    func get(_ path: String) async throws -> TestResponse { try await client.getInTime(path, headers) }

    /// The token of an action's form: on its own page, or on the campaign's.
    func token(_ action: String) async throws -> String {
        let asks = CampaignAction(rawValue: action)?.asksFirst ?? false
        let page = try await get(asks ? "/campaigns/1/\(action)" : "/campaigns/1").text
        let pattern = try Regex(
            "action=\"/campaigns/1/\(action)\"><input type=\"hidden\" name=\"token\" value=\"([^\"]+)\"")
        return String(try #require(try pattern.firstMatch(in: page)?.output[1].substring, "no form for \(action)"))
    }

    /// The one form of a page that asks: where it is sent to, and its token.
    func form(at path: String) async throws -> (path: String, token: String) {
        let pattern = /method="post" action="([^"]+)"><input type="hidden" name="token" value="([^"]+)"/
        let page = try await get(path).text
        let match = try #require(try pattern.firstMatch(in: page), "no form at \(path)")
        return (String(match.output.1).replacing("&amp;", with: "&"), String(match.output.2))
    }

    /// Looks at the page that asks, and sends its form.
    func confirm(_ path: String, reason: String? = nil) async throws -> TestResponse {
        try await send(try await form(at: path), reason: reason)
    }

    func send(_ form: (path: String, token: String), reason: String? = nil) async throws -> TestResponse {
        let fields = [("token", form.token)] + (reason.map { [("reason", $0)] } ?? [])
        return try await client.post(form.path, headers, FormParameters(fields).encoded())
    }

    func send(
        _ action: String, _ token: String, _ fields: [String: String] = [:], _ extra: HTTPFields = [:]
    ) async throws -> TestResponse {
        let form = FormParameters([("token", token)] + fields.map { ($0.key, $0.value) })
        var headers = headers
        for field in extra { headers[field.name] = field.value }
        return try await client.post("/campaigns/1/\(action)", headers, form.encoded())
    }
}

extension TestClientProtocol {
    func post(_ path: String, _ headers: HTTPFields, _ body: String) async throws -> TestResponse {
        try await execute(uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
    }
}

extension HTTPFields {
    func with(_ name: HTTPField.Name, _ value: String) -> HTTPFields {
        var fields = self
        fields[name] = value
        return fields
    }
}

extension GatewayFixture {
    static let ann = GatewayConfiguration.OperatorAccess(user: "ann", password: "anns-password")
    static let ben = GatewayConfiguration.OperatorAccess(user: "ben", password: "bens-password")
    /// Of Prometheus, and whoever else.
    static let shared = GatewayConfiguration.OperatorAccess(user: "metrics", password: "metrics-password")
    static let campaign = "<script>spring</script>"

    /// With people who may act, and a campaign.
    static func people() async throws -> GatewayFixture {
        let gateway = try await GatewayFixture(operatorAccess: shared, people: [ann, ben], canAct: true, port: 0)
        try await gateway.addCampaign()
        return gateway
    }

    /// Campaign 1: a draft of four people who were loaded already.
    func addCampaign() async throws {
        try await query(
            "select outrider.create_campaign('\(Self.campaign)', channel => 'sms', body => 'Hello {{name}}')")
        try await query(
            """
            insert into outrider.jobs (channel, address, template, data, campaign, category, metadata)
            select 'sms', '+1555' || lpad(n::text, 7, '0'), 'outrider.campaign/1', jsonb_build_object('name', 'Żaneta' || n),
                   '\(Self.campaign)', 'marketing', jsonb_build_object('key', 'key,' || n)
              from generate_series(1, 4) n
            """)
        try await query("update outrider.senders set rate_per_second = 2")
    }

    /// What was done to it since it was made: who, what, why.
    func deeds() async throws -> [String] {
        try await query(
            "select concat_ws(' ', person, what, reason) as line from outrider.campaign_events where id > 1 order by id"
        ).map { try $0.string("line") }
    }

    /// Schedule 1 makes a job each day at nine; each further one has its number as its tag.
    func addSchedules(_ count: Int, cron: String = "0 9 * * *") async throws {
        for number in 1...count {
            try await query(
                """
                select outrider.create_schedule('<script>\(number)', '\(cron)', 'Europe/Warsaw', tags => '{tag \(number),all}',
                         action => '{"job": {"channel": "sms", "address": "+15550000101", "body": "hello", "category": "alert"}}')
                """)
        }
        try await query(
            """
            update outrider.schedule_clocks
               set words = 'every day at 9:00', next_at = '2199-01-07 08:00Z', upcoming = '{2199-01-07 08:00Z,2199-01-08 08:00Z}',
                   upcoming_real = '{2199-01-07 08:01:30Z,2199-01-08 08:00Z}'
            """)
    }

    /// What was done to schedules since they were made: who, what, why.
    func scheduleDeeds() async throws -> [String] {
        try await query(
            """
            select concat_ws(' ', person, what, reason) as line from outrider.schedule_events
             where what <> 'created' order by id
            """
        ).map { try $0.string("line") }
    }

    func campaignState() async throws -> String {
        try await query("select state from outrider.campaigns where id = 1")[0].string("state")
    }

    /// Over a real connection.
    func live(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await service.application().test(.live) { client in try await body(client) }
    }
}

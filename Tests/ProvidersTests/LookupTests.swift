import Delivery
import HTTPTransport
import Providers
import Testing

/// The answers are shaped as twilio-oai's twilio_lookups_v2 has them.
@Suite("A number is looked up as Lookup v2 has it")
struct LookupTests {
    private static func body(valid: Bool = true, line: String = "null", risk: String = "null") -> HTTPResult {
        reply(
            200,
            """
            {"calling_country_code":"48","country_code":"PL","phone_number":"+48600000091","national_format":"600 000 091",
             "valid":\(valid),"validation_errors":\(valid ? "null" : "[\"TOO_SHORT\"]"),"caller_name":null,"sim_swap":null,
             "call_forwarding":null,"line_status":null,"line_type_intelligence":\(line),"identity_match":null,
             "reassigned_number":null,"sms_pumping_risk":\(risk),"phone_number_quality_score":null,"pre_fill":null,
             "url":"https://lookups.twilio.com/v2/PhoneNumbers/+48600000091"}
            """)
    }

    private static func line(_ type: String, code: String = "null") -> String {
        """
        {"type":\(type),"carrier_name":"Play","mobile_country_code":"260","mobile_network_code":"06","error_code":\(code)}
        """
    }

    private static func risk(_ score: String, code: String = "null") -> String {
        """
        {"carrier_risk_category":"low","number_blocked":false,"number_blocked_date":null,
         "number_blocked_last_3_months":false,"sms_pumping_risk_score":\(score),"error_code":\(code)}
        """
    }

    @Test("it asks for the packages that are wanted and no other, at Lookup's own host, and waits as long as it may")
    func asks() throws {
        let request = try #require(requests.lookup("+48600000091", [.lineType], within: .seconds(1)))
        #expect(request.method == .get && request.body.isEmpty && request.totalTimeout == .seconds(1))
        #expect(
            request.url == "https://lookups.twilio.com/v2/PhoneNumbers/%2B48600000091?Fields=line_type_intelligence")
        guard case .basic(let user, _) = request.credentials else {
            Issue.record("no credentials")
            return
        }
        #expect(user.hasPrefix("SK"))
        let both = try #require(requests.lookup("+48600000091", [.risk, .lineType], within: .seconds(9)))
        #expect(both.url.hasSuffix("?Fields=line_type_intelligence%2Csms_pumping_risk"))
        #expect(both.connectTimeout == .seconds(2))
        #expect(ProviderRequests(twilio: nil, sendGrid: nil).lookup("+1", [.risk], within: .seconds(1)) == nil)
    }

    @Test("each package is read by itself", arguments: LineType.allCases)
    func lines(_ type: LineType) {
        let told = requests.readLookup(Self.body(line: Self.line("\"\(type.rawValue)\"")), [.lineType])
        #expect(told == .told(NumberLookup([.lineType: .line(type)])))
    }

    @Test(
        "what a package does not tell is said by its code",
        arguments: [
            (line("null"), risk("17"), .line(.unknown), .risk(17)),
            (line("\"satellite\""), risk("0"), .line(.unknown), .risk(0)),
            (line("null", code: "60601"), risk("100"), .nothing(code: "60601"), .risk(100)),
            (line("\"mobile\""), risk("null", code: "60606"), .line(.mobile), .nothing(code: "60606")),
            (line("\"mobile\""), risk("101"), .line(.mobile), .nothing(code: "no_score")),
            ("null", "null", .nothing(code: "not_in_the_answer"), .nothing(code: "not_in_the_answer")),
        ] as [(String, String, NumberLookup.Answer, NumberLookup.Answer)])
    func packages(_ row: (line: String, risk: String, type: NumberLookup.Answer, score: NumberLookup.Answer)) {
        let told = requests.readLookup(Self.body(line: row.line, risk: row.risk), [.lineType, .risk])
        #expect(told == .told(NumberLookup([.lineType: row.type, .risk: row.score])))
    }

    @Test("an invalid number is told with 200; everything else is no answer")
    func noAnswer() {
        #expect(
            requests.readLookup(Self.body(valid: false), [.lineType, .risk])
                == .told(NumberLookup([.lineType: .invalid, .risk: .invalid])))
        let expected: [(HTTPResult, String, Bool, Duration?)] = [
            (reply(429, #"{"code":60616,"status":429}"#, [("Retry-After", "3")]), "60616", true, .seconds(3)),
            (reply(429), "http_429", true, nil), (reply(401, #"{"code":20003}"#), "20003", false, nil),
            (reply(503), "http_503", false, nil),
            (reply(301), "http_301", false, nil), (reply(200, "<html>"), "unreadable_success", false, nil),
            (reply(200, #"{"phone_number":"+1"}"#), "unreadable_success", false, nil),
            (.notSent(NotSent(reason: .connect)), "connect", false, nil),
            (.unknown(UnknownSend(reason: .timedOut)), "timed_out", false, nil),
        ]
        for (result, code, isRateLimited, wait) in expected {
            #expect(
                requests.readLookup(result, [.risk])
                    == .unavailable(code: code, isRateLimited: isRateLimited, retryAfter: wait))
        }
    }

    @Test("a refusal of the one number tells nothing of it, and nothing of Lookup", arguments: [400, 404, 422])
    func ofTheNumber(_ status: Int) {
        let silent = NumberLookup.Answer.nothing(code: "20404")
        #expect(
            requests.readLookup(reply(status, #"{"code":20404}"#), [.lineType, .risk])
                == .told(NumberLookup([.lineType: silent, .risk: silent])))
    }
}

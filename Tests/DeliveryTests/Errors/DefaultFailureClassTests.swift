import Delivery
import Testing

@Suite("Codes that no table knows")
struct DefaultFailureClassTests {
    @Test(
        "a refused request is judged by its HTTP status, then by the family of its code",
        arguments: [
            ("twilio", 400, "21999", .content),
            ("twilio", 400, nil, .content),
            ("twilio", 404, "20999", .configuration),
            ("twilio", 400, "20999", .configuration),
            ("twilio", 400, "30999", .content),
            ("twilio", 401, nil, .credentials),
            ("twilio", 403, "21999", .configuration),
            ("twilio", 429, "20999", .rateLimited),
            ("twilio", 429, nil, .rateLimited),
            ("twilio", 408, nil, .unknown),
            ("twilio", 500, "20999", .unknown),
            ("twilio", 502, nil, .unknown),
            ("twilio", 503, "21999", .unknown),
            ("twilio", 201, nil, .unknown),
            ("twilio", 302, nil, .unknown),
            ("twilio", 0, nil, .unknown),
            ("twilio", 400, "twenty", .content),
            ("twilio", 400, "99999999999999999999999", .content),
            ("sendgrid", 400, nil, .content),
            ("sendgrid", 400, "20999", .content),
            ("sendgrid", 401, nil, .credentials),
            ("sendgrid", 403, nil, .configuration),
            ("sendgrid", 429, nil, .rateLimited),
            ("sendgrid", 500, nil, .unknown),
        ] as [(String, Int, String?, FailureClass)])
    func answer(_ row: (provider: String, status: Int, code: String?, expected: FailureClass)) {
        let origin = FailureOrigin.answer(httpStatus: row.status)
        #expect(FailureClass.default(provider: row.provider, code: row.code, origin: origin) == row.expected)
    }

    @Test(
        "a failed delivery lets the ladder go on, unless our account or our webhook is at fault",
        arguments: [
            ("twilio", "30999", .unreachable),
            ("twilio", "63999", .unreachable),
            ("twilio", "60999", .unreachable),
            ("twilio", "32999", .unreachable),
            ("twilio", "13999", .unreachable),
            ("twilio", nil, .unreachable),
            ("twilio", "", .unreachable),
            ("twilio", "text", .unreachable),
            ("twilio", "-30003", .unreachable),
            ("twilio", "20999", .configuration),
            ("twilio", "11999", .configuration),
            ("twilio", "12999", .configuration),
            ("twilio", "21999", .content),
            ("twilio-voice", "melted", .noAnswer),
            ("twilio-voice", nil, .noAnswer),
            ("sendgrid", "dropped:new reason", .unreachable),
            ("sendgrid", nil, .unreachable),
            ("carrier pigeon", "20999", .unreachable),
        ] as [(String, String?, FailureClass)])
    func receipt(_ row: (provider: String, code: String?, expected: FailureClass)) {
        #expect(FailureClass.default(provider: row.provider, code: row.code, origin: .receipt) == row.expected)
    }

    @Test("no default ever suppresses an address or repeats a send blindly")
    func harmless() {
        let harmful: Set<FailureClass> = [.optedOut, .invalidAddress, .landline, .transient]
        for provider in ["twilio", "twilio-voice", "sendgrid", "other"] {
            for code in (0...99).map({ "\($0)999" }) {
                for status in 0...599 {
                    let guess = FailureClass.default(
                        provider: provider, code: code, origin: .answer(httpStatus: status))
                    #expect(!harmful.contains(guess))
                }
                #expect(!harmful.contains(.default(provider: provider, code: code, origin: .receipt)))
            }
        }
    }
}

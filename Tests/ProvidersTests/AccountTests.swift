import Providers
import Testing

@Suite("A host is named with edge and region, or with neither")
struct AccountTests {
    @Test(
        "as Twilio's host rule has it",
        arguments: [
            (nil, nil, "https://api.twilio.com"),
            ("dublin", "ie1", "https://api.dublin.ie1.twilio.com"),
            ("sydney", "au1", "https://api.sydney.au1.twilio.com"),
            ("dublin", nil, "https://api.dublin.us1.twilio.com"),
            (nil, "ie1", "https://api.dublin.ie1.twilio.com"),
            (nil, "au1", "https://api.sydney.au1.twilio.com"),
            (nil, "us1", "https://api.ashburn.us1.twilio.com"),
        ] as [(String?, String?, String)])
    func twilio(edge: String?, region: String?, url: String) {
        let account = TwilioAccount(accountSID: "AC1", apiKeySID: "SK1", apiKeySecret: "x", region: region, edge: edge)
        #expect(account.baseURL == url)
        #expect(account.lookupsBaseURL == url.replacing("//api.", with: "//lookups."))
    }

    @Test("as SendGrid's regions have it")
    func sendGrid() {
        #expect(SendGridAccount(apiKey: "k").baseURL == "https://api.sendgrid.com")
        #expect(SendGridAccount(apiKey: "k", region: "eu").baseURL == "https://api.eu.sendgrid.com")
    }

    @Test("an override wins, with or without a slash at its end")
    func override() {
        let twilio = TwilioAccount(
            accountSID: "AC1", apiKeySID: "SK1", apiKeySecret: "x", region: "ie1", apiBaseURL: "http://127.0.0.1:9/")
        #expect(twilio.baseURL == "http://127.0.0.1:9" && twilio.lookupsBaseURL == "http://127.0.0.1:9")
        let apart = TwilioAccount(
            accountSID: "AC1", apiKeySID: "SK1", apiKeySecret: "x", apiBaseURL: "http://127.0.0.1:9",
            lookupsURL: "http://127.0.0.1:10/")
        #expect(apart.baseURL == "http://127.0.0.1:9" && apart.lookupsBaseURL == "http://127.0.0.1:10")
        #expect(SendGridAccount(apiKey: "k", apiBaseURL: "http://127.0.0.1:9").baseURL == "http://127.0.0.1:9")
    }

    @Test("descriptions show no secret")
    func redaction() {
        let twilio = TwilioAccount(accountSID: "AC123456789", apiKeySID: "SK1", apiKeySecret: "secret")
        #expect("\(twilio)" == "Twilio account AC12…")
        #expect(!String(reflecting: SendGridAccount(apiKey: "SG.key")).contains("SG.key"))
    }
}

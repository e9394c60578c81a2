import Delivery
import Testing

@Suite("Messages that a listing cannot tell apart")
struct SendKeyTests {
    private func key(
        _ text: String, tenant: String = "acme", _ category: Category = .otp, _ channel: Channel = .sms,
        to address: String = "+15550000001"
    ) -> Int {
        SendKey(tenant: tenant, category: category, channel: channel, address: address, text: text).value
    }

    @Test("what a listing may show as one entry has one likeness: channel and address, whatever else differs")
    func likeness() {
        func likeness(_ tenant: String, _ category: Category, _ channel: Channel, _ address: String) -> Int {
            SendKey(tenant: tenant, category: category, channel: channel, address: address, text: tenant).likeness
        }
        let one = likeness("a", .otp, .voice, "+1")
        #expect(one == likeness("b", .marketing, .voice, "+1"))
        #expect(one != likeness("a", .otp, .sms, "+1") && one != likeness("a", .otp, .voice, "+11"))
    }

    @Test("only an SMS of the job's own words is told by what it says")
    func content() {
        func content(_ text: String, _ channel: Channel = .sms, isTemplate: Bool = false) -> Int? {
            SendKey(
                tenant: "a", category: .otp, channel: channel, address: "+1", text: text, isTemplate: isTemplate
            ).content
        }
        #expect(content("Code 1!") != nil && content("Code 1!") == content("Code: 1"))
        #expect(content("Code 1") != content("Code 2"))
        #expect(content("{}", isTemplate: true) == nil)
        for channel in [Channel.voice, .whatsapp, .email] { #expect(content("Code 1", channel) == nil) }
    }

    @Test("an SMS goes by the letters and digits of its text, as a provider may replace the rest")
    func lettersAndDigits() {
        #expect(key("At 15:00?") == key("At 1500!"))
        #expect(key("“Привет” €5") == key("5"))
        #expect(key("") == key("… ✓ é"))
        #expect(key("at 1500") != key("At 1500"))
        #expect(key("Code 1") != key("Code 2"))
    }

    @Test("templates go by their data: two that are given the same may say the same")
    func data() {
        #expect(key(#"{"code": "1234"}"#) == key(#"{"code":1234}"#))
        #expect(key(#"{"code": 1}"#) != key(#"{"code": 2}"#))
    }

    @Test(
        "calls, mails and WhatsApp messages go by their address alone", arguments: [Channel.voice, .email, .whatsapp])
    func addressOnly(channel: Channel) {
        #expect(key("one", .otp, channel) == key("two", .otp, channel))
        #expect(key("one", .otp, channel, to: "a") != key("one", .otp, channel, to: "b"))
    }

    @Test("tenants, categories, channels and addresses are apart, and no part runs into the next")
    func apart() {
        var keys = Set<Int>()
        for tenant in ["a", "b", "ab"] {
            for category in Category.allCases {
                for channel in Channel.allCases {
                    for address in ["1", "11"] { keys.insert(key("1", tenant: tenant, category, channel, to: address)) }
                }
            }
        }
        #expect(keys.count == 3 * Category.allCases.count * Channel.allCases.count * 2)
        #expect(key("x", tenant: "a", to: "+1") != key("1x", tenant: "a", to: "+"))
    }

    @Test("it is the same in every process, as other workers have written it down")
    func stable() {
        #expect(key("Your code is 123456") == -8_586_773_620_790_926_494)
    }
}

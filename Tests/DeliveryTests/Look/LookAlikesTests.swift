import Delivery
import Testing

@Suite("Sends that a listed message may be of as well")
struct LookAlikesTests {
    private func message(_ text: String?, to address: String = "+1", _ category: Category = .otp) -> SendKey {
        SendKey(
            tenant: category.rawValue, category: category, channel: .sms, address: address, text: text ?? "{}",
            isTemplate: text == nil)
    }

    private func contains(
        _ theirs: SendKey, begun seconds: Int = 0, _ ours: SendKey? = nil, in sighting: Sighting
    ) -> Bool {
        LookAlikes(of: ours ?? message("Code 1"), begunAt: Instant(microseconds: 0), in: sighting)
            .contains(theirs, begunAt: Instant(microseconds: Int64(seconds) * 1_000_000))
    }

    @Test("tenant and category tell nothing apart, the address does")
    func whose() {
        #expect(contains(message("Code 1", .marketing), in: Sighting()))
        #expect(!contains(message("Code 1", to: "+2"), in: Sighting()))
    }

    @Test("other words tell apart only where the listing shows words, and both are known")
    func words() {
        let shown = Sighting(showsText: true)
        #expect(contains(message("Code 2"), in: Sighting()))
        #expect(!contains(message("Code 2"), in: shown) && contains(message("Code 1."), in: shown))
        #expect(contains(message(nil), in: shown))
        #expect(contains(message("Code 2"), message(nil), in: shown))
    }

    @Test("the times of the intents tell apart only where the listing says when a message was made")
    func times() {
        let near = Sighting(reach: .seconds(90))
        for seconds in [-90, 0, 90] { #expect(contains(message("Code 1"), begun: seconds, in: near)) }
        for seconds in [-91, 91] { #expect(!contains(message("Code 1"), begun: seconds, in: near)) }
        #expect(contains(message("Code 1"), begun: 1_000_000, in: Sighting()))
    }
}

extension LookAlikesTests {
    private func message(_ text: String, _ category: Category) -> SendKey { message(text, to: "+1", category) }
}

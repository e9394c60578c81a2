import Delivery
import Testing

@Suite("Asking about mail")
struct MailPollTests {
    @Test("where no callbacks come but mail can be asked about, it is, as often as a text")
    func polls() {
        var situation = Situation.single(.email, .underway(.accepted))
        situation.timing.firstPoll = .seconds(2)
        situation.timing.pollsMail = true
        #expect(situation.action() == .wait(until: Situation.time(2.5), for: .receipt))
        situation.now = Situation.time(10.5)
        #expect(situation.action(.receipt) == .wait(until: Situation.time(20.5), for: .receipt))
        situation.now = Situation.time(36_000.5)
        #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
    }

    @Test("where callbacks come, it is asked only when its wait is over")
    func callbacks() {
        var situation = Situation.single(.email, .underway(.accepted))
        situation.timing.pollsMail = true
        #expect(situation.action() == .wait(until: Situation.time(36_000.5), for: .receipt))
    }
}

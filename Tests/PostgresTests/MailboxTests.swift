import Testing

@testable import Postgres

@Suite("Notification mailbox", .timeLimit(.minutes(5)))
struct MailboxTests {
    @Test("equal notifications wait once")
    func coalesces() async {
        let mailbox = NotificationMailbox(capacity: 4)
        for payload in ["a", "b", "a", "b"] { mailbox.put(.notification(channel: "c", payload: payload)) }
        mailbox.close()
        #expect(await mailbox.next() == .notification(channel: "c", payload: "a"))
        #expect(await mailbox.next() == .notification(channel: "c", payload: "b"))
        #expect(await mailbox.next() == nil)
    }

    @Test("an overflow becomes one order to look")
    func overflows() async {
        let mailbox = NotificationMailbox(capacity: 4)
        for number in 0..<5 { mailbox.put(.notification(channel: "c", payload: "\(number)")) }
        mailbox.close()
        #expect(await mailbox.next() == .reconnected)
        #expect(await mailbox.next() == nil)
    }
}

import Testing

@testable import Dispatching

@Suite("The ledger of leases")
struct LeaseLedgerTests {
    @Test("a batch is done when its last job is recorded, in whatever groups they come")
    func settles() {
        let ledger = LeaseLedger()
        ledger.begin(1, jobs: 3)
        #expect(ledger.settled([1, 1]) == [])
        ledger.finish([1, 1])
        #expect(ledger.settled([1]) == [1])
        ledger.finish([1])
        #expect(ledger.held == [])
    }

    @Test("a batch that was given up is never done: its row stays for the rescue")
    func forgets() {
        let ledger = LeaseLedger()
        ledger.begin(1, jobs: 3)
        ledger.forget([1])
        #expect(ledger.settled([1]) == [])
        ledger.finish([1])
        #expect(ledger.held == [])
    }
}

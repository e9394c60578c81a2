import Testing

@testable import Worker

@Suite("The ledger of leases")
struct LeaseLedgerTests {
    @Test("a batch is done when its last job is recorded, in whatever groups they come")
    func settles() {
        let ledger = LeaseLedger()
        #expect(ledger.begin(1, jobs: 3))
        #expect(ledger.settled([1, 1]) == [])
        ledger.finish([1, 1])
        #expect(ledger.settled([1]) == [1])
        ledger.finish([1])
        #expect(ledger.held == [])
    }

    @Test("a batch that was given up is never done: its row stays for the rescue")
    func forgets() {
        let ledger = LeaseLedger()
        #expect(ledger.begin(1, jobs: 3))
        ledger.forget([1])
        #expect(ledger.settled([1]) == [])
        ledger.finish([1])
        #expect(ledger.held == [])
    }

    @Test("only a batch that was never begun is withdrawn, when it is met a second time, and then it cannot begin")
    func withdraws() {
        let ledger = LeaseLedger()
        #expect(ledger.begin(1, jobs: 1) && ledger.begin(2, jobs: 1))
        ledger.forget([2])
        for _ in 1...3 { #expect(ledger.withdraw([1, 2]) == []) }
        #expect(ledger.withdraw([1, 2, 3, 4]) == [], "the answer may be on its way")
        #expect(ledger.begin(3, jobs: 1))
        #expect(ledger.withdraw([1, 2, 3, 4]) == [4])
        #expect(!ledger.begin(4, jobs: 1))
        #expect(ledger.withdraw([4]) == [4], "asked again, should the first time have failed")
        #expect(ledger.held.sorted() == [1, 3])
    }

    @Test("a batch that was not there the last time is met for the first time")
    func interrupted() {
        let ledger = LeaseLedger()
        #expect(ledger.withdraw([1]) == [])
        #expect(ledger.withdraw([]) == [])
        #expect(ledger.withdraw([1]) == [])
        #expect(ledger.withdraw([1]) == [1])
    }
}

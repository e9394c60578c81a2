import Delivery
import Providers

/// What holds for every receipt, whoever's word it is: it fits its columns and can be logged.
func checkReceipt(_ receipt: Receipt) throws(Violation) {
    let status = receipt.status.utf8
    try require((1...64).contains(status.count), "a receipt's status has \(status.count) bytes")
    try require(status.allSatisfy(isStatusByte), "a receipt's status has other characters than it may")
    if let code = receipt.code { try checkWord(code, "code", upTo: 64) }
    if let id = receipt.providerID { try checkWord(id, "provider id", upTo: 256) }
    switch receipt.fact {
    case .progress:
        try require(!receipt.needsDecision, "progress needs a decision")
        try require(
            receipt.event(tableClass: .optedOut, retryAfter: nil).fact == .reached(.accepted),
            "progress is no acceptance")
    case .reached(let level):
        try require(receipt.status == level.rawValue, "a level has another word than its own")
        try require(
            receipt.event(tableClass: .optedOut, retryAfter: nil).fact == .reached(level), "a level is another fact")
    case .failed:
        try require(receipt.needsDecision, "a failure needs no decision")
        let known = receipt.failureClass ?? .landline
        try require(
            receipt.event(tableClass: .landline, retryAfter: nil).fact == .failed(known),
            "the table's class is not used")
    }
}

/// A provider's word that is stored and logged: visible ASCII and bounded. So it is without a zero byte, which
/// PostgreSQL refuses, and without a line end, which would forge a log line.
func checkWord(_ word: String, _ name: String, upTo limit: Int) throws(Violation) {
    try require((1...limit).contains(word.utf8.count), "a \(name) has \(word.utf8.count) bytes")
    try require(word.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "a \(name) has invisible characters")
}

private func isStatusByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "-_. ".utf8.contains(byte)
    }
}

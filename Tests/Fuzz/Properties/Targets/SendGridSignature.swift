import Providers
import Signing

/// Line 1: signature; line 2: timestamp; then the body. What the key has signed is genuine, and nothing else.
func checkSendGridSignature(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let (signature, timestamp, body) = (input.line(), input.line(), input.rest())
    guard let key = privateKey, let verifier else { throw Violation(description: "the test key is no key") }
    let verdict = verifier.verify(signature: signature, timestamp: timestamp, body: body)
    let expected: WebhookVerdict = signature.isEmpty || timestamp.isEmpty ? .unsigned : .forged
    try require(verdict == expected, "\(verdict) instead of \(expected)")
    try checkBase64(signature)
    try checkGenuine(timestamp, body, key, verifier)
}

/// Time and body are both covered.
private func checkGenuine(
    _ timestamp: String, _ body: [UInt8], _ key: ECDSAPrivateKey, _ verifier: SendGridWebhookVerifier
) throws(Violation) {
    guard let signature = try? SendGridSignature.sign(timestamp: timestamp, body: body, privateKey: key) else {
        throw Violation(description: "a batch that cannot be signed")
    }
    func verdict(_ timestamp: String, _ body: [UInt8]) -> WebhookVerdict {
        verifier.verify(signature: signature, timestamp: timestamp, body: body)
    }
    try require(timestamp.isEmpty || verdict(timestamp, body) == .genuine, "a genuine batch is refused")
    try require(verdict(timestamp + "0", body) == .forged, "another time is taken")
    try require(timestamp.isEmpty || verdict(timestamp, body + [10]) == .forged, "another body is taken")
    guard let first = body.first, !timestamp.isEmpty else { return }
    try require(verdict(timestamp, [first ^ 1] + body.dropFirst()) == .forged, "a changed body is taken")
}

private let privateKey = try? ECDSAPrivateKey.generate()
private let verifier = try? privateKey.map { try SendGridWebhookVerifier(publicKey: $0.publicKeyDERBase64) }

/// What is read as base64 is written as the same base64.
private func checkBase64(_ text: String) throws(Violation) {
    guard let bytes = [UInt8](base64: text) else { return }
    try require(bytes.base64Encoded == text, "base64 has two spellings")
}

import Providers
import Signing

/// Line 1: signature; line 2: timestamp; then the body. Nobody here has the private key, so nothing is genuine.
func checkSendGridSignature(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let (signature, timestamp, body) = (input.line(), input.line(), input.rest())
    guard let verifier = sendGridVerifier else { throw Violation(description: "the test key is no key") }
    let verdict = verifier.verify(signature: signature, timestamp: timestamp, body: body)
    let expected: WebhookVerdict = signature.isEmpty || timestamp.isEmpty ? .unsigned : .forged
    try require(verdict == expected, "\(verdict) instead of \(expected)")
    try checkBase64(signature)
}

/// Its private half is in no test.
private let sendGridVerifier = try? SendGridWebhookVerifier(
    publicKey:
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErYxkHMMLTv3m+HGGomd/akR9sj2NLJr73LbCPYyIth9Ob5IJnXOmZ4xfsaKQgi+BqqsM0j1745FHaLZDbl/rkw=="
)

/// What is read as base64 is written as the same base64.
private func checkBase64(_ text: String) throws(Violation) {
    guard let bytes = [UInt8](base64: text) else { return }
    try require(bytes.base64Encoded == text, "base64 has two spellings")
}

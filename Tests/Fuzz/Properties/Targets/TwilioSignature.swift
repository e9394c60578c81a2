import Providers
import Signing

/// Line 1: a header; line 2: path and query; then the body. The first byte of the path chooses the configured URL.
func checkTwilioSignature(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let header = input.line()
    let base = input.pick([
        "https://hooks.example.com", "https://hooks.example.com:8443", "http://hooks.example.com",
        "https://[2001:db8::1]:443", "http://user:secret@hooks.example.com:80",
    ])
    let url = "\(base)/\(input.line())"
    let body = input.rest()
    try checkSpellings(of: url)
    try checkJSONBody(body, url: url)
    guard let form = try? FormParameters(parsing: body).pairs else {
        let verdict = TwilioWebhookVerifier(authTokens: ["primary"], publicBaseURL: base).verify(
            signatureHeader: "x", pathAndQuery: String(url.dropFirst(base.count)),
            contentType: "application/x-www-form-urlencoded", body: body)
        return try require(verdict == .malformed, "a broken form is \(verdict)")
    }
    try checkForm(form, url: url, header: header)
}

private func checkSpellings(of url: String) throws(Violation) {
    let spellings = SignedURL(url)
    for spelling in [spellings.withPort, spellings.withoutPort] {
        let again = SignedURL(spelling)
        try require(again.asGiven.utf8.elementsEqual(spelling.utf8), "a spelling of the URL is respelt")
        try require(again.withoutPort.utf8.elementsEqual(spellings.withoutPort.utf8), "a port changes the rest")
        try require(!spelling.contains("secret@"), "user and password are signed")
    }
}

private func checkForm(_ form: [(name: String, value: String)], url: String, header: String) throws(Violation) {
    let spellings = SignedURL(url)
    let signatures = [spellings.withPort, spellings.withoutPort].map {
        TwilioSignature.sign(url: $0, parameters: form, authToken: "primary")
    }
    func isValid(_ header: String, _ form: [(name: String, value: String)], _ tokens: [String]) -> Bool {
        TwilioSignature.validates(header: header, url: url, form: form, authTokens: tokens)
    }
    for signature in signatures {
        try require(isValid(signature, form, ["primary"]), "a genuine signature is refused")
        try require(isValid(signature, form, ["other", "primary"]), "a genuine signature is refused during a rotation")
        try require(isValid(signature, form.reversed(), ["primary"]), "the order of the pairs matters")
        try require(isValid(signature, form + form, ["primary"]), "a pair said twice matters")
        try require(!isValid(signature, form + [("Extra", "1")], ["primary"]), "a pair more does not matter")
        try require(!isValid(signature, form, ["other"]), "another token's signature is taken")
        try require(!isValid(signature, form, ["", "other"]), "an empty token is used")
    }
    let isExpected = signatures.contains { $0.utf8.elementsEqual(header.utf8) }
    try require(isValid(header, form, ["primary"]) == isExpected, "a forged header is taken")
}

private func checkJSONBody(_ body: [UInt8], url: String) throws(Violation) {
    guard !url.contains("bodySHA256"), !url.utf8.contains(UInt8(ascii: "#")) else { return }
    // By bytes: an accent behind a question mark hides it from `contains`.
    let joint = url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
    let signed = "\(url)\(joint)bodySHA256=\(sha256(body).hexEncoded)"
    let header = TwilioSignature.sign(url: SignedURL(signed).withPort, authToken: "primary")
    func isValid(_ header: String, _ url: String, _ body: [UInt8]) -> Bool {
        TwilioSignature.validates(header: header, url: url, jsonBody: body, authTokens: ["primary"])
    }
    try require(isValid(header, signed, body), "a genuine JSON body is refused")
    try require(!isValid(header, signed, body + [0x20]), "another JSON body is taken")
    let uncovered = TwilioSignature.sign(url: SignedURL(url).withPort, authToken: "primary")
    try require(!isValid(uncovered, url, body), "a JSON body that is not covered is taken")
}

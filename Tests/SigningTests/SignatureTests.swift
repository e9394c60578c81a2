import Signing
import Testing

@Suite("Webhook signatures")
struct SignatureTests {
    @Test("Twilio: judged as the official validator judges", arguments: TwilioVector.all)
    func twilio(_ vector: TwilioVector) throws {
        let isValid =
            if vector.isJSON {
                TwilioSignature.validates(
                    header: vector.signature, url: vector.url, jsonBody: Array(vector.body.utf8),
                    authTokens: [vector.authToken])
            } else {
                TwilioSignature.validates(
                    header: vector.signature, url: vector.url,
                    form: try FormParameters(parsing: Array(vector.body.utf8)).pairs,
                    authTokens: [vector.authToken])
            }
        #expect(isValid == vector.isValid)
    }

    @Test("SendGrid: judged as the official library judges", arguments: SendGridVector.all)
    func sendGrid(_ vector: SendGridVector) throws {
        let isValid = SendGridSignature.validates(
            signature: vector.signature, timestamp: vector.timestamp, body: Array(vector.payload.utf8),
            publicKey: try ECDSAPublicKey(derBase64: vector.publicKey))
        #expect(isValid == vector.isValid)
    }

    @Test("Twilio: the published example is reproduced")
    func publishedExample() {
        // Twilio's "Webhooks Security" page.
        let signature = TwilioSignature.sign(
            url: "https://example.com/myapp.php?foo=1&bar=2",
            parameters: [
                ("To", "+18005551212"), ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675310"),
                ("Digits", "1234"), ("From", "+14158675310"),
            ],
            authToken: "12345")
        #expect(signature == "L/OH5YylLD5NRKLltdqwSvS0BnU=")
    }

    @Test("Twilio: during rotation any one of the tokens is enough, and an empty token never is")
    func tokenRotation() {
        let url = "https://hooks.example.com/status"
        let form = [(name: "MessageStatus", value: "sent")]
        let header = TwilioSignature.sign(url: url, parameters: form, authToken: "new")
        #expect(TwilioSignature.validates(header: header, url: url, form: form, authTokens: ["old", "new"]))
        #expect(!TwilioSignature.validates(header: header, url: url, form: form, authTokens: ["old"]))
        #expect(!TwilioSignature.validates(header: header, url: url, form: form, authTokens: []))
        let forged = TwilioSignature.sign(url: url, parameters: form, authToken: "")
        #expect(!TwilioSignature.validates(header: forged, url: url, form: form, authTokens: [""]))
    }

    @Test("Twilio: repeated values are counted once, and two spellings of one character are two values")
    func distinctValues() {
        let url = "https://hooks.example.com/x"
        let sign = { TwilioSignature.sign(url: url, parameters: $0, authToken: "t") }
        let once = sign([("a", "1"), ("a", "2")])
        #expect(sign([("a", "2"), ("a", "1"), ("a", "2")]) == once)
        let spellings = [(name: "a", value: "\u{e9}"), (name: "a", value: "e\u{301}")]
        #expect(sign(spellings) == TwilioSignature.sign(url: url + "ae\u{301}a\u{e9}", authToken: "t"))
    }

    @Test("Twilio: a JSON body that the URL does not hash is never valid")
    func jsonWithoutHash() {
        let url = "https://hooks.example.com/events?tenant=7"
        let header = TwilioSignature.sign(url: url, authToken: "t")
        #expect(!TwilioSignature.validates(header: header, url: url, jsonBody: Array("{}".utf8), authTokens: ["t"]))
        let hashed = "https://hooks.example.com/events?bodySHA256=" + sha256(Array("{}".utf8)).hexEncoded
        let right = TwilioSignature.sign(url: hashed, authToken: "t")
        #expect(TwilioSignature.validates(header: right, url: hashed, jsonBody: Array("{}".utf8), authTokens: ["t"]))
        #expect(!TwilioSignature.validates(header: right, url: hashed, jsonBody: Array("{ }".utf8), authTokens: ["t"]))
    }

    @Test(
        "Twilio: the port variants, without user, password and fragment",
        arguments: [
            ("https://h.example/a?b#c", "https://h.example:443/a?b", "https://h.example/a?b"),
            ("http://h.example", "http://h.example:80", "http://h.example"),
            ("https://u:p@h.example:8443/a@b:1", "https://h.example:8443/a@b:1", "https://h.example/a@b:1"),
            ("https://[::1]/a", "https://[::1]:443/a", "https://[::1]/a"),
            ("https://[::1]:9/a", "https://[::1]:9/a", "https://[::1]/a"),
            ("not a url", "not a url", "not a url"),
            ("", "", ""),
        ])
    func portVariants(url: String, withPort: String, withoutPort: String) {
        #expect(SignedURL(url).withPort == withPort)
        #expect(SignedURL(url).withoutPort == withoutPort)
    }

    @Test("SendGrid: what we sign verifies, and one changed byte does not")
    func sendGridRoundTrip() throws {
        let key = try ECDSAPrivateKey.generate()
        let publicKey = try ECDSAPublicKey(derBase64: key.publicKeyDERBase64)
        let signature = try SendGridSignature.sign(timestamp: "1700000000", body: Array("[]".utf8), privateKey: key)
        let validates = { (timestamp: String, body: String) in
            SendGridSignature.validates(
                signature: signature, timestamp: timestamp, body: Array(body.utf8), publicKey: publicKey)
        }
        #expect(validates("1700000000", "[]"))
        #expect(!validates("1700000001", "[]"))
        #expect(!validates("1700000000", "[ ]"))
        #expect(
            !SendGridSignature.validates(signature: "junk", timestamp: "1", body: [], publicKey: publicKey))
    }
}

import Providers
import Signing
import Testing

private let path = "/webhooks/twilio/status?job=42&generation=3&token=t"
private let body = Array("MessageSid=SM1&MessageStatus=sent&Body=1+%2B+1".utf8)
private let formType = "application/x-www-form-urlencoded; charset=UTF-8"

private func twilioSignature(_ token: String, base: String = "https://hooks.example.com") throws -> String {
    TwilioSignature.sign(url: base + path, parameters: try FormParameters(parsing: body).pairs, authToken: token)
}

@Suite("A webhook is believed only when its provider signed these bytes for this address")
struct VerifierTests {
    private let verifier = TwilioWebhookVerifier(
        authTokens: ["primary", "secondary"], publicBaseURL: "https://hooks.example.com/")

    @Test("either token of a rotation signs", arguments: ["primary", "secondary"])
    func genuine(token: String) throws {
        let signature = try twilioSignature(token)
        #expect(
            verifier.verify(signatureHeader: signature, pathAndQuery: path, contentType: formType, body: body)
                == .genuine)
    }

    @Test("anything changed is forged")
    func forged() throws {
        let signature = try twilioSignature("primary")
        let other = try twilioSignature("stolen")
        let elsewhere = try twilioSignature("primary", base: "https://evil.example")
        for (header, path, body) in [
            (other, path, body), (elsewhere, path, body), (signature, path + "1", body),
            (signature, path, body + Array("x".utf8)), (signature, path, []), ("junk", path, body),
        ] {
            #expect(
                verifier.verify(signatureHeader: header, pathAndQuery: path, contentType: formType, body: body)
                    == .forged)
        }
    }

    @Test("a form sent under another content type is not believed")
    func contentType() throws {
        let signature = try twilioSignature("primary")
        for type in ["application/json", "text/plain", nil] {
            #expect(
                verifier.verify(signatureHeader: signature, pathAndQuery: path, contentType: type, body: body)
                    == .forged)
        }
    }

    @Test("a JSON body is covered by its hash in the URL")
    func json() {
        let body = Array(#"{"property": "value", "boolean": true}"#.utf8)
        let verifier = TwilioWebhookVerifier(authTokens: ["12345"], publicBaseURL: "https://mycompany.com")
        // From the unit tests of Twilio's official Python library.
        let path =
            "/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        let signature = "a9nBmqA0ju/hNViExpshrM61xv4="
        #expect(
            verifier.verify(
                signatureHeader: signature, pathAndQuery: path, contentType: "application/json", body: body)
                == .genuine)
        #expect(
            verifier.verify(
                signatureHeader: signature, pathAndQuery: path, contentType: "application/json", body: body + [10])
                == .forged)
    }

    @Test("without a signature, or with a body that is no form, nothing is verified")
    func unsigned() throws {
        #expect(
            verifier.verify(signatureHeader: nil, pathAndQuery: path, contentType: formType, body: body) == .unsigned)
        #expect(
            verifier.verify(signatureHeader: "", pathAndQuery: path, contentType: formType, body: body) == .unsigned)
        #expect(
            verifier.verify(signatureHeader: "x", pathAndQuery: path, contentType: formType, body: Array("a=%".utf8))
                == .malformed)
    }

    @Test("no token, or an empty one, believes nobody", arguments: [[], [""]] as [[String]])
    func noToken(tokens: [String]) throws {
        let verifier = TwilioWebhookVerifier(authTokens: tokens, publicBaseURL: "https://hooks.example.com")
        let signature = try twilioSignature("")
        #expect(
            !verifier.verify(signatureHeader: signature, pathAndQuery: path, contentType: formType, body: body)
                .isGenuine)
    }

    @Test("SendGrid's batch is verified to the last byte")
    func sendGrid() throws {
        // From the unit tests of SendGrid's official Python library.
        let key =
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
        let signature =
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
        let body = Array(officialPayload.utf8)
        let verifier = try SendGridWebhookVerifier(publicKey: key)
        #expect(verifier.verify(signature: signature, timestamp: "1600112502", body: body) == .genuine)
        #expect(verifier.verify(signature: signature, timestamp: "1600112503", body: body) == .forged)
        #expect(verifier.verify(signature: signature, timestamp: "1600112502", body: body.dropLast()) == .forged)
        #expect(verifier.verify(signature: "junk", timestamp: "1600112502", body: body) == .forged)
        #expect(verifier.verify(signature: nil, timestamp: "1600112502", body: body) == .unsigned)
        #expect(verifier.verify(signature: signature, timestamp: nil, body: body) == .unsigned)
        #expect(try SendGridWebhooks.read(body: body).first?.receipt.suppression == .bounce)
    }

    @Test("a key that is none is refused at start")
    func badKey() {
        #expect(throws: SigningError.malformedKey) { try SendGridWebhookVerifier(publicKey: "junk") }
    }
}
private let officialPayload =
    #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZH"#
    + #"JvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A"#
    + #".filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@i"#
    + #"smtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n"

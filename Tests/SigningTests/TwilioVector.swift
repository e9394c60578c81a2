import Testing

/// One request as Twilio would have sent it, and whether Twilio's own validator accepts it.
struct TwilioVector: Sendable, CustomTestStringConvertible {
    var name: String
    var authToken: String
    var url: String
    var isJSON = false
    var body: String
    var signature: String
    var isValid: Bool

    var testDescription: String { name }
}

extension TwilioVector {
    /// Made and judged with Twilio's official Python library 9.13.0. All tokens are for tests only.
    static let all: [TwilioVector] = [
        // From the unit tests of the official library.
        TwilioVector(
            name: "official-unit-test-basic",
            authToken: "12345",
            url: "https://mycompany.com/myapp.php?foo=1&bar=2",
            body: "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309",
            signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            isValid: true),
        // twilio-python unit test: JSON body, signature over URL only, bodySHA256 = lowercase hex SHA-256 of the raw body
        TwilioVector(
            name: "official-unit-test-json-body",
            authToken: "12345",
            url:
                "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            isJSON: true,
            body: "{\"property\": \"value\", \"boolean\": true}",
            signature: "a9nBmqA0ju/hNViExpshrM61xv4=",
            isValid: true),
        // ordinary message status callback with a query string in the URL
        TwilioVector(
            name: "status-callback-sms",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/sms/status?job=42",
            body:
                "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B15017250604&MessageSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&MessageStatus=sent&SmsSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&SmsStatus=sent&To=%2B15558675310",
            signature: "hIm340tQ5Xz5HsN7t3Q4UkqX+zI=",
            isValid: true),
        // parameters with empty values still contribute their name
        TwilioVector(
            name: "empty-values",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/sms/inbound",
            body: "Body=&FromCity=&FromZip=&From=%2B15017250604&To=%2B15558675310&NumMedia=1",
            signature: "hu57n9WE/K8Eo0JzofQqTSNqRAY=",
            isValid: true),
        // parameter names sorted by code point: A B Z _x a b é (Unix case-sensitive order)
        TwilioVector(
            name: "case-sensitive-order",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/order",
            body: "b=1&B=2&a=3&A=4&_x=5&Z=6&%C3%A9=7",
            signature: "hg8ZqzOxTCYDgfm6SHxS5de9n+Q=",
            isValid: true),
        // form body decodes '+' to space and %2B to '+', before signing
        TwilioVector(
            name: "plus-and-space-decoding",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/dec",
            body: "Body=1+%2B+1+%3D+2+%26+100%25&From=%2B15017250604",
            signature: "xS3kLrfRvElGTLiPbGOlpJMakeE=",
            isValid: true),
        // Voice over HTTPS: Twilio drops the port from the URL it signs
        TwilioVector(
            name: "url-port-dropped-voice-https",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com:8443/twilio/voice/status",
            body: "CallSid=CA00000000000000000000000000000003&CallStatus=completed&SequenceNumber=3",
            signature: "ZvGKaS0sojFAYkMDU1pycfD2qrI=",
            isValid: true),
        // http: default port 80 is tried
        TwilioVector(
            name: "default-port-added-80",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "http://hooks.example.com/twilio/voice/status",
            body: "CallSid=CA00000000000000000000000000000003&CallStatus=busy",
            signature: "cqH3eNkZMrljjkt0Hyd2WcjmDYw=",
            isValid: true),
        // GET webhook: parameters are in the URL, nothing is appended
        TwilioVector(
            name: "get-request",
            authToken: "0123456789abcdef0123456789abcdef",
            url:
                "https://hooks.example.com/twilio/voice?CallSid=CA00000000000000000000000000000003&CallStatus=ringing&From=%2B15017250604",
            body: "",
            signature: "XTtB1HPkP5WL7sldAaX7TrAyeC0=",
            isValid: true),
        // JSON body (Event Streams, debugger JSON, Verify push events): hash of the exact bytes
        TwilioVector(
            name: "json-body",
            authToken: "0123456789abcdef0123456789abcdef",
            url:
                "https://hooks.example.com/twilio/events?tenant=7&bodySHA256=8bfaa793143c8af2cd2cb3c9cc10a59e52c740be43468a35369bb6dd66a69a8c",
            isJSON: true,
            body: "{\"events\":[{\"sid\":\"EZ1\",\"text\":\"żółw 🐢\",\"n\":1.50}],\"nested\":{\"a\":[1,2]}}",
            signature: "smuNMfJfAuvUv+03gmqioMfY9UQ=",
            isValid: true),
        // different auth token
        TwilioVector(
            name: "neg-wrong-token",
            authToken: "ffffffffffffffffffffffffffffffff",
            url: "https://hooks.example.com/twilio/sms/status?job=42",
            body:
                "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B15017250604&MessageSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&MessageStatus=sent&SmsSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&SmsStatus=sent&To=%2B15558675310",
            signature: "hIm340tQ5Xz5HsN7t3Q4UkqX+zI=",
            isValid: false),
        // query string lost
        TwilioVector(
            name: "neg-query-dropped",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/sms/status",
            body:
                "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B15017250604&MessageSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&MessageStatus=sent&SmsSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&SmsStatus=sent&To=%2B15558675310",
            signature: "hIm340tQ5Xz5HsN7t3Q4UkqX+zI=",
            isValid: false),
        // unsigned parameter added
        TwilioVector(
            name: "neg-extra-param",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://hooks.example.com/twilio/sms/status?job=42",
            body:
                "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B15017250604&MessageSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&MessageStatus=sent&SmsSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&SmsStatus=sent&To=%2B15558675310&Injected=1",
            signature: "hIm340tQ5Xz5HsN7t3Q4UkqX+zI=",
            isValid: false),
        // host name upper-cased
        TwilioVector(
            name: "neg-host-case",
            authToken: "0123456789abcdef0123456789abcdef",
            url: "https://HOOKS.example.com/twilio/sms/status?job=42",
            body:
                "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B15017250604&MessageSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&MessageStatus=sent&SmsSid=SM1342fe1b2c904d1ab04f0fc7a58abca9&SmsStatus=sent&To=%2B15558675310",
            signature: "hIm340tQ5Xz5HsN7t3Q4UkqX+zI=",
            isValid: false),
    ]
}

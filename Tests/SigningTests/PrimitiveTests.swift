import Signing
import Testing

@Suite("Digests, encodings and ciphers")
struct PrimitiveTests {
    @Test("digests match the published examples")
    func digests() {
        // FIPS 180-4 example "abc"; RFC 2202 and RFC 4231, test case 2.
        let abc = Array("abc".utf8)
        #expect(sha256(abc).hexEncoded == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let (key, message) = (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(hmacSHA1(key: key, message: message).hexEncoded == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        #expect(
            hmacSHA256(key: key, message: message).hexEncoded
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(sha256([]).hexEncoded == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hmacSHA1(key: [], message: []).hexEncoded == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")
    }

    @Test(
        "base64 follows RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(plain: String, encoded: String) {
        #expect(Array(plain.utf8).base64Encoded == encoded)
        #expect([UInt8](base64: encoded) == Array(plain.utf8))
    }

    @Test(
        "base64 that no encoder wrote is refused",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n", " Zm9", "Zm9_", "é9=="])
    func base64Junk(_ text: String) {
        #expect([UInt8](base64: text) == nil)
    }

    @Test("every byte survives base64 and hexadecimal")
    func everyByte() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect([UInt8](base64: bytes.base64Encoded) == bytes)
        #expect([UInt8](hex: bytes.hexEncoded) == bytes)
        #expect([UInt8](hex: "FFfe") == [255, 254])
    }

    @Test(
        "hexadecimal of an odd length or with other characters is refused", arguments: ["a", "0g", "é", "0x00", " 00 "])
    func hexJunk(_ text: String) {
        #expect([UInt8](hex: text) == nil)
    }

    @Test("comparison: equal only when every byte is")
    func comparison() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 3]))
        #expect(!constantTimeEquals([1, 2], [1, 2, 3]))
    }

    @Test("random bytes have the asked length and differ")
    func random() {
        #expect(randomBytes(0).isEmpty)
        #expect(randomBytes(16).count == 16)
        #expect(randomBytes(16) != randomBytes(16))
    }

    @Test("a sealed box opens only unchanged, with its key and its associated data", arguments: [0, 1, 15, 16, 1000])
    func sealing(count: Int) throws {
        let key = randomBytes(AESGCM.keyLength)
        let plain = randomBytes(count)
        let box = try AESGCM.seal(plain, key: key, associatedData: [7])
        #expect(try AESGCM.open(box, key: key, associatedData: [7]) == plain)
        #expect(throws: SigningError.notAuthentic) { try AESGCM.open(box, key: key, associatedData: [8]) }
        #expect(throws: SigningError.notAuthentic) {
            try AESGCM.open(box, key: randomBytes(AESGCM.keyLength), associatedData: [7])
        }
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: SigningError.notAuthentic) { try AESGCM.open(changed, key: key, associatedData: [7]) }
        }
        #expect(throws: SigningError.notAuthentic) { try AESGCM.open([], key: key) }
        #expect(throws: SigningError.keyLength(expected: 32, actual: 16)) {
            try AESGCM.seal(plain, key: randomBytes(16))
        }
    }

    @Test("AES-256-GCM opens the NIST example")
    func publishedBox() throws {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14: zero key and nonce, 16 zero bytes.
        let box = [UInt8](
            hex: "000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919")
        let plain = try AESGCM.open(#require(box), key: [UInt8](repeating: 0, count: 32))
        #expect(plain == [UInt8](repeating: 0, count: 16))
    }

    @Test("only whole P-256 keys are accepted")
    func keys() throws {
        let key = try ECDSAPrivateKey(pem: SendGridVector.testPrivateKeyPEM)
        #expect(try key.publicKeyDERBase64 == SendGridVector.testPublicKey)
        let der = try #require([UInt8](base64: SendGridVector.testPublicKey))
        #expect(throws: SigningError.malformedKey) { try ECDSAPublicKey(der: der + [0]) }
        #expect(throws: SigningError.malformedKey) { try ECDSAPublicKey(der: Array(der.dropLast())) }
        #expect(throws: SigningError.malformedKey) { try ECDSAPublicKey(der: []) }
        #expect(throws: SigningError.malformedKey) { try ECDSAPublicKey(derBase64: "not a key") }
        #expect(throws: SigningError.malformedKey) { try ECDSAPrivateKey(pem: "not a key") }
        #expect(throws: SigningError.malformedKey) { try ECDSAPrivateKey(der: der) }
        // An Ed25519 public key (RFC 8410 §10.1).
        #expect(throws: SigningError.malformedKey) {
            try ECDSAPublicKey(derBase64: "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
        }
    }
}

import Delivery
import Testing

@Suite("Phone numbers")
struct PhoneNumberTests {
    @Test(
        "E.164 numbers of 7 to 15 digits are read as they are",
        arguments: ["+1234567", "+15005550006", "+48601234567", "+123456789012345", "+998901234567"])
    func valid(_ text: String) throws {
        #expect(try PhoneNumber(text).e164 == text)
    }

    @Test(
        "anything else is refused by the first rule it breaks",
        arguments: [
            ("", .phoneStartsWithPlus),
            ("15005550006", .phoneStartsWithPlus),
            ("0048601234567", .phoneStartsWithPlus),
            (" +15005550006", .phoneStartsWithPlus),
            ("whatsapp:+15005550006", .phoneStartsWithPlus),
            ("+1 500 555 0006", .phoneHasOnlyDigits),
            ("+15005550006 ", .phoneHasOnlyDigits),
            ("+1500555000a", .phoneHasOnlyDigits),
            ("++15005550006", .phoneHasOnlyDigits),
            ("+1500555000\n", .phoneHasOnlyDigits),
            ("+١٢٣٤٥٦٧٨", .phoneHasOnlyDigits),
            ("+０１２３４５６７", .phoneHasOnlyDigits),
            ("+05005550006", .phoneHasNoLeadingZero),
            ("+", .phoneHasEnoughDigits),
            ("+123456", .phoneHasEnoughDigits),
            ("+1234567890123456", .phoneIsNotTooLong),
        ] as [(String, AddressError.Rule)])
    func invalid(_ row: (text: String, rule: AddressError.Rule)) {
        let error = #expect(throws: AddressError.self) { try PhoneNumber(row.text) }
        #expect(error?.rule == row.rule)
        #expect(error?.length == row.text.count)
    }

    @Test("neither a number nor its error shows more than its shape")
    func redaction() throws {
        let number = try PhoneNumber("+15005550067")
        #expect("\(number)" == "+1…67")
        #expect(String(reflecting: number) == "+1…67")
        #expect("\([number: 1])" == "[+1…67: 1]")
        var dumped = ""
        dump(number, to: &dumped)
        #expect(!dumped.contains("500555"))
        let error = #expect(throws: AddressError.self) { try PhoneNumber("05005550067") }
        #expect(error.map { "\($0)" } == "phone number must start with +: 05…67 (11 characters)")
    }

    @Test(
        "a text that is short or no number has no shape at all",
        arguments: ["", "+123456", "hunter2hunter2", "code 123456", "+1500\u{0301}555000"])
    func hidden(_ text: String) {
        #expect(Redaction.phoneNumber(text).description == "…")
    }
}

/// The refusals of Twilio's own magic test numbers, by parameter.
/// Source: https://www.twilio.com/docs/iam/test-credentials.
enum OfficialNumbers {
    static func messageSender(_ number: String) -> TwilioError? {
        switch number {
        case "+15005550001": .badRequest(21212, "Invalid 'From' Phone Number: \(masked(number))")
        case "+15005550007":
            .badRequest(21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number")
        case "+15005550008":
            .badRequest(21611, "This 'From' number has exceeded the maximum number of queued messages")
        default: nil
        }
    }

    static func messageRecipient(_ number: String) -> TwilioError? {
        switch number {
        case "+15005550001": .badRequest(21211, "Invalid 'To' Phone Number: \(masked(number))")
        case "+15005550002":
            .badRequest(
                21612, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters")
        case "+15005550003":
            .badRequest(
                21408,
                "Permission to send an SMS or MMS has not been enabled for the region indicated by the 'To' number")
        case "+15005550004": .badRequest(21610, "Attempt to send to unsubscribed recipient")
        case "+15005550009": .badRequest(21614, "'To' number is not a valid mobile number")
        default: nil
        }
    }

    static func callSender(_ number: String) -> TwilioError? {
        number == "+15005550001" ? .badRequest(21212, "Invalid 'From' Phone Number: \(masked(number))") : nil
    }

    static func callRecipient(_ number: String) -> TwilioError? {
        switch number {
        case "+15005550001": .badRequest(21217, "Phone number does not appear to be valid")
        case "+15005550002": .badRequest(21214, "'To' phone number cannot be reached")
        case "+15005550003":
            .badRequest(21215, "Geo Permission configuration is not permitting call")
        case "+15005550004": .badRequest(21216, "Call blocked by Twilio")
        default: nil
        }
    }

    /// The number with its last four characters hidden, as Twilio's messages show it.
    static func masked(_ number: String) -> String { String(number.dropLast(4)) + "XXXX" }
}

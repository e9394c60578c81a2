import Signing

/// A `POST …/Calls.json`, read and judged by the rules of the real API.
struct CallRequest: Sendable {
    enum Document: Sendable {
        /// TwiML sent along with the request.
        case inline(String)
        /// TwiML fetched from this URL once the call is answered.
        case url(String, method: String)
        /// An application's TwiML, which the sandbox cannot know.
        case application
    }
    enum Detection: String, Sendable {
        case enable = "Enable"
        case messageEnd = "DetectMessageEnd"
    }

    var number: String
    var from: String
    var document: Document
    var statusCallback: String?
    /// The events asked for; `completed` alone unless named.
    var events: Set<String>
    /// Seconds the phone rings, 1…600.
    var ringTimeout: Int
    var detection: Detection?
    /// Where the machine detection reports when it runs beside the call.
    var asyncDetectionCallback: String?

    init(_ form: FormParameters) throws(TwilioError) {
        func text(_ name: String) -> String? { form[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let to = text("To") else { throw .badRequest(21201, "No 'To' number is specified") }
        guard let sender = text("From") else { throw .badRequest(21213, "No 'From' number is specified") }
        guard let number = DialedNumber.normalized(to) else {
            throw .badRequest(21211, "Invalid 'To' Phone Number: \(OfficialNumbers.masked(to))")
        }
        guard let caller = DialedNumber.normalized(sender) else {
            throw .badRequest(21212, "Invalid 'From' Phone Number: \(OfficialNumbers.masked(sender))")
        }
        if let refusal = OfficialNumbers.callSender(caller) ?? OfficialNumbers.callRecipient(number) { throw refusal }
        (self.number, from) = (number, caller)
        document = try CallRequest.document(url: text("Url"), method: text("Method"), twiml: text("Twiml"), form)
        statusCallback = text("StatusCallback")
        if let statusCallback, !CallbackAddress.isCallable(statusCallback) {
            throw .badRequest(21609, "The StatusCallback URL is not a valid URL.")
        }
        events = try CallRequest.events(form)
        ringTimeout = try CallRequest.timeout(text("Timeout"))
        detection = try CallRequest.detection(text("MachineDetection"), sendDigits: text("SendDigits"))
        asyncDetectionCallback = text("AsyncAmd") == "true" ? text("AsyncAmdStatusCallback") : nil
    }

    private static func document(
        url: String?, method: String?, twiml: String?, _ form: FormParameters
    ) throws(TwilioError) -> Document {
        if let url {
            guard CallbackAddress.isCallable(url) else { throw .badRequest(21205, "Url is not a valid URL") }
            return .url(url, method: method == "GET" ? "GET" : "POST")
        }
        if let twiml {
            guard twiml.count <= 4000 else {
                throw .badRequest(32018, "Twiml size exceeded maximum allowed value of 4000 characters")
            }
            return .inline(twiml)
        }
        guard let application = form["ApplicationSid"], !application.isEmpty else {
            throw .badRequest(21205, "Url parameter is required")
        }
        guard Identifier.isSid(application, "AP") else { throw .badRequest(21218, "Invalid ApplicationSid") }
        return .application
    }

    private static func events(_ form: FormParameters) throws(TwilioError) -> Set<String> {
        // The field is repeated; some clients send one field with the names separated by spaces.
        let names = form.values(of: "StatusCallbackEvent").flatMap { $0.split(separator: " ").map(String.init) }
        guard names.allSatisfy(["initiated", "ringing", "answered", "completed"].contains) else {
            throw .badRequest(21626, "Invalid 'StatusCallbackEvent'")
        }
        return names.isEmpty ? ["completed"] : Set(names)
    }

    private static func timeout(_ text: String?) throws(TwilioError) -> Int {
        guard let text else { return 60 }
        guard let seconds = Int(text), (1...600).contains(seconds) else {
            throw .badRequest(21208, "Invalid Timeout: it must be between 1 and 600 seconds")
        }
        return seconds
    }

    private static func detection(_ text: String?, sendDigits: String?) throws(TwilioError) -> Detection? {
        if let sendDigits {
            let isValid = sendDigits.count <= 32 && sendDigits.allSatisfy("0123456789ABCD#*wW".contains)
            guard isValid else { throw .badRequest(21206, "Invalid SendDigits") }
        }
        guard let text else { return nil }
        guard let detection = Detection(rawValue: text) else { throw .badRequest(21207, "Invalid MachineDetection") }
        // The real API turns detection off when digits are sent.
        return sendDigits == nil ? detection : nil
    }
}

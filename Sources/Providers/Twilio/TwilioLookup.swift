import Delivery
import HTTPTransport
import Signing

/// Lookup v2: a number in, what is known of its line out.
enum TwilioLookup {
    /// What each question is called, and where its answer stands.
    private static func field(_ package: LookupPackage) -> String {
        switch package {
        case .lineType: "line_type_intelligence"
        case .risk: "sms_pumping_risk"
        }
    }

    static func request(
        _ number: String, _ packages: Set<LookupPackage>, of account: TwilioAccount, within time: Duration
    ) -> OutgoingRequest {
        let fields = LookupPackage.allCases.filter(packages.contains).map(field).joined(separator: ",")
        return OutgoingRequest(
            method: .get,
            url: "\(account.lookupsBaseURL)/v2/PhoneNumbers/\(number.percentEncoded)?Fields=\(fields.percentEncoded)",
            headers: [("Accept", "application/json")], credentials: account.credentials,
            connectTimeout: min(time, .seconds(2)), totalTimeout: time)
    }

    static func read(_ result: HTTPResult, _ packages: Set<LookupPackage>) -> LookupReading {
        switch result {
        case .notSent(let proof): .unavailable(code: proof.reason.rawValue, isRateLimited: false, retryAfter: nil)
        case .unknown(let doubt): .unavailable(code: doubt.reason.rawValue, isRateLimited: false, retryAfter: nil)
        case .answered(let response): read(response, packages)
        }
    }

    private static func read(_ response: ServerReply, _ packages: Set<LookupPackage>) -> LookupReading {
        let body = JSON(parsing: response.body)
        guard response.status == 200 else {
            let own = body?["code"]?.wholeNumber.flatMap { $0 > 0 ? String($0) : nil }
            let code = own ?? "http_\(response.status)"
            // What is wrong with one number says nothing of the next one.
            if [400, 404, 422].contains(response.status) {
                let silence = packages.map { ($0, NumberLookup.Answer.nothing(code: code)) }
                return .told(NumberLookup(Dictionary(silence) { first, _ in first }))
            }
            return .unavailable(
                code: code, isRateLimited: response.status == 429, retryAfter: RateSignal.wait(in: response))
        }
        guard let body, case .bool(let isValid)? = body["valid"] else {
            return .unavailable(code: "unreadable_success", isRateLimited: false, retryAfter: nil)
        }
        let answers = packages.map { ($0, isValid ? answer(to: $0, in: body) : .invalid) }
        return .told(NumberLookup(Dictionary(answers) { first, _ in first }))
    }

    /// Each package fails by itself, with a code of its own.
    private static func answer(to package: LookupPackage, in body: JSON) -> NumberLookup.Answer {
        guard let told = body[field(package)], told != .null else { return .nothing(code: "not_in_the_answer") }
        if let code = told["error_code"]?.wholeNumber { return .nothing(code: String(code)) }
        switch package {
        // A line that Twilio cannot name has the type null.
        case .lineType: return .line(told["type"]?.string.flatMap(LineType.init) ?? .unknown)
        case .risk:
            guard let score = told["sms_pumping_risk_score"]?.integer, (0...100).contains(score) else {
                return .nothing(code: "no_score")
            }
            return .risk(score)
        }
    }
}

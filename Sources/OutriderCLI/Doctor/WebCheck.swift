import Delivery
import HTTPTransport
import Providers

/// Whether a provider takes our credentials. Nothing is sent to anybody.
struct ProviderCheck {
    let transport: HTTPTransport
    let requests: ProviderRequests

    func finding(of provider: ProviderName, at address: String) async -> Finding {
        var reading: AccountReading?
        for question in requests.accountQuestions(provider) {
            var question = question
            question.totalTimeout = .seconds(8)
            reading = requests.readAccount(await transport.perform(question), of: provider)
            guard reading == .refused || reading == .forbidden else { break }
        }
        guard let reading else { return .warning(provider.title, "is not set up", "Give its settings.") }
        return Self.finding(provider, address, reading)
    }

    static func finding(_ provider: ProviderName, _ address: String, _ reading: AccountReading) -> Finding {
        let title = provider.title
        let elsewhere = "Check \(provider.addressSetting), and the proxy on the way: \(title)'s API must answer there."
        switch reading {
        case .accepted(let detail): return .fine(title, "\(address) takes the credentials: \(detail)")
        case .refused: return .failed(title, "401: it does not know the credentials", provider.credentialsRemedy)
        case .forbidden:
            return .failed(title, "403: the credentials are known, and may not send", provider.rightsRemedy)
        case .unusable(let detail): return .failed(title, detail, provider.rightsRemedy)
        case .failing(let status):
            return .failed(
                title, "\(address) answers with status \(status)",
                "Try again in a few minutes, and see \(title)'s status page. The credentials were not judged.")
        case .redirected(let status):
            return .failed(title, "\(address) answers with a redirect (\(status)), which is not followed", elsewhere)
        case .notTheAPI(let status):
            return .failed(title, "what answers at \(address) (status \(status)) is not \(title)'s API", elsewhere)
        case .notSent("tls"):
            return .failed(title, "the certificate of \(address) is not trusted", Trouble.Cause.tlsFails.remedy)
        case .notSent(let reason):
            return .failed(
                title, "cannot be reached at \(address) (\(reason))", Trouble.Cause.providerUnreachable.remedy)
        case .silent(let reason):
            return .failed(
                title, "\(address) does not answer within 8 s (\(reason))", Trouble.Cause.providerUnreachable.remedy)
        }
    }
}

extension ProviderName {
    fileprivate var title: String {
        switch self {
        case .twilio: "Twilio"
        case .sendgrid: "SendGrid"
        }
    }

    fileprivate var addressSetting: String {
        switch self {
        case .twilio: "TWILIO_API_BASE_URL, TWILIO_REGION and TWILIO_EDGE"
        case .sendgrid: "SENDGRID_API_BASE_URL"
        }
    }

    fileprivate var credentialsRemedy: String {
        switch self {
        case .twilio:
            "Copy TWILIO_ACCOUNT_SID, TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET again, of one account and region, "
                + "or make a new key."
        case .sendgrid: "Make a new key in SendGrid's settings, API keys, and give it as SENDGRID_API_KEY."
        }
    }

    fileprivate var rightsRemedy: String {
        switch self {
        case .twilio: "See the account's state in Twilio's console; the key must send and list messages and calls."
        case .sendgrid: "Give the key Mail Send access in SendGrid's settings, API keys."
        }
    }
}

/// Whether something answers at an address, with one harmless GET without credentials.
struct WebCheck {
    let transport: HTTPTransport

    /// - Parameter expected: the status that must come; nil takes any answer.
    func finding(_ check: String, _ address: String, path: String, expected: Int? = nil, remedy: String) async
        -> Finding
    {
        let request = OutgoingRequest(method: .get, url: address + path, totalTimeout: .seconds(8))
        switch await transport.perform(request) {
        case .answered(let response) where expected == nil || expected == response.status:
            return .fine(check, "answers at \(address)")
        case .answered(let response):
            return .failed(check, "\(address) answers with status \(response.status)", remedy)
        case .notSent(let reason):
            return .failed(check, "cannot be reached at \(address) (\(reason.reason.rawValue))", remedy)
        case .unknown(let reason):
            return .failed(check, "does not answer at \(address) (\(reason.reason.rawValue))", remedy)
        }
    }
}

import Delivery
public import HTTPTransport

/// Whether a provider takes our credentials: one harmless question, asked with them.
public enum AccountReading: Sendable, Hashable {
    /// It takes them; in a few words what it says of the account.
    case accepted(String)
    /// 401: it does not know the credentials.
    case refused
    /// 403, or a 401 that is about this question alone: they are known and may not do what is needed.
    case forbidden
    /// They are known, and the account cannot send: suspended, closed, or the key lacks a right.
    case unusable(String)
    /// 5xx, or 429.
    case failing(status: Int)
    /// It wants us elsewhere: the address is not the API's.
    case redirected(status: Int)
    /// What answers is not this provider's API: a parked page, a proxy, another host.
    case notTheAPI(status: Int)
    case notSent(String)
    case silent(String)
}

extension ProviderRequests {
    /// Asks whether the credentials are right; the first question that is answered otherwise than by `forbidden` counts.
    ///
    /// A standard API key of Twilio may send and list messages, and may not read its account. So the messages are asked for
    /// where the account is refused.
    public func accountQuestions(_ provider: ProviderName) -> [OutgoingRequest] {
        switch provider {
        case .twilio: twilio.map { [TwilioAPI(account: $0).fetchAccount(), TwilioAPI(account: $0).listOne()] } ?? []
        case .sendgrid: sendGrid.map { [SendGridAPI(account: $0).scopes()] } ?? []
        }
    }

    /// Reads the reply to one of `accountQuestions(_:)`.
    public func readAccount(_ result: HTTPResult, of provider: ProviderName) -> AccountReading {
        switch result {
        case .notSent(let proof): return .notSent(proof.reason.rawValue)
        case .unknown(let doubt): return .silent(doubt.reason.rawValue)
        case .answered(let reply):
            switch reply.status {
            case 200...299: return readGoodAccount(reply, of: provider)
            case 300...399: return .redirected(status: reply.status)
            case 401: return isTheAPI(reply, provider) ? .refused : .notTheAPI(status: reply.status)
            case 403: return isTheAPI(reply, provider) ? .forbidden : .notTheAPI(status: reply.status)
            case 429, 500...: return .failing(status: reply.status)
            default: return .notTheAPI(status: reply.status)
            }
        }
    }

    private func readGoodAccount(_ reply: ServerReply, of provider: ProviderName) -> AccountReading {
        guard let body = JSON(parsing: reply.body) else { return .notTheAPI(status: reply.status) }
        switch provider {
        case .twilio:
            if body["messages"]?.array != nil { return .accepted("the key may list messages") }
            guard let sid = body["sid"]?.string, sid == twilio?.accountSID else {
                return .notTheAPI(status: reply.status)
            }
            let status = body["status"]?.string ?? "active"
            return status == "active" ? .accepted("the account is active") : .unusable("the account is \(status)")
        case .sendgrid:
            guard let scopes = body["scopes"]?.array?.compactMap(\.string) else {
                return .notTheAPI(status: reply.status)
            }
            guard scopes.contains("mail.send") else { return .unusable("the key lacks Mail Send access (mail.send)") }
            return .accepted("the key may send mail")
        }
    }

    /// Both providers refuse in JSON, with a code or with a list of errors.
    private func isTheAPI(_ reply: ServerReply, _ provider: ProviderName) -> Bool {
        guard let body = JSON(parsing: reply.body) else { return false }
        switch provider {
        case .twilio: return body["code"]?.wholeNumber != nil || body["message"]?.string != nil
        case .sendgrid: return body["errors"]?.array != nil
        }
    }
}

public import HTTPTransport
public import Providers

/// Where polls of mail are answered from: e-mail logs that are searched.
public protocol MailLogSource: Sendable {
    /// Our mails in a part of the logs; without a span, whatever they show first.
    ///
    /// - Parameter address: only those to this one; nil for all.
    func page(_ span: MailLogSpan?, to address: String?) async -> (MailLogPage, Pushback?)

    /// The events of one mail, by the logs' own id.
    func events(of logID: String) async -> (StatusReading, Pushback?)
}

/// SendGrid's e-mail logs, over libcurl.
public struct HTTPMailLog: MailLogSource {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public func page(_ span: MailLogSpan?, to address: String?) async -> (MailLogPage, Pushback?) {
        guard let request = requests.mailLog(span, to: address) else { return (.absent, nil) }
        let result = await transport.perform(request)
        return (requests.readMailLog(result), requests.pushback(in: result))
    }

    public func events(of logID: String) async -> (StatusReading, Pushback?) {
        guard let request = requests.mailEvents(logID) else { return (.notFound, nil) }
        let result = await transport.perform(request)
        return (requests.readMailEvents(result), requests.pushback(in: result))
    }
}

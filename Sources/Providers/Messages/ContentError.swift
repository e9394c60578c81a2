public import Delivery

/// Why a message cannot be put into a provider's request. It never holds content or addresses.
public enum ContentError: Error, Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case text
        case contentTemplate = "content template"
        case spoken = "spoken text"
        case email
        case dynamicTemplate = "dynamic template"
    }

    /// No account of this provider is configured.
    case noAccount(ProviderName)
    /// The channel cannot carry this kind of content.
    case unsuitable(Kind, channel: Channel)
    /// Neither text nor media, or an e-mail without a text.
    case empty
    /// An e-mail without a subject.
    case noSubject
    /// More than 1,600 characters.
    case textTooLong(characters: Int)
    /// More than 10 media URLs.
    case tooManyMedia(count: Int)
    case notSpeakable(TwiMLError)
    /// Template data that is not one JSON object.
    case malformedTemplateData
    /// More than 30 MB.
    case mailTooLarge(bytes: Int)

    /// What the fault means for the ladder.
    public var failureClass: FailureClass {
        switch self {
        case .noAccount: .configuration
        case .unsuitable, .empty, .noSubject, .textTooLong, .tooManyMedia, .notSpeakable, .malformedTemplateData,
            .mailTooLarge:
            .content
        }
    }
}

extension ContentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noAccount(let provider): "no \(provider.rawValue) account is configured"
        case .unsuitable(let kind, let channel): "\(channel.rawValue) cannot carry \(kind.rawValue)"
        case .empty: "the message is empty"
        case .noSubject: "the e-mail has no subject"
        case .textTooLong(let characters):
            "the text has \(characters) characters, more than \(SMSSegments.maximumCharacters)"
        case .tooManyMedia(let count): "the message has \(count) media, more than 10"
        case .notSpeakable(let error): error.description
        case .malformedTemplateData: "the template data is not a JSON object"
        case .mailTooLarge(let bytes): "the e-mail has \(bytes) bytes, more than 30 MB"
        }
    }
}

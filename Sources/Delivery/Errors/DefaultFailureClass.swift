extension FailureClass {
    /// The class of a failure whose code is not in the table of error codes. It is chosen so that a wrong guess is
    /// cheap: never a blind repeat, never a suppressed address, and a ladder that goes on.
    ///
    /// Providers add codes and change their causes; Twilio advises against logic that depends on single codes.
    ///
    /// - Parameters:
    ///   - provider: as in the table: `twilio`, `twilio-voice` (call statuses) or `sendgrid`.
    ///   - code: the code as text, nil when none came.
    ///   - origin: the HTTP answer, or a later receipt.
    public static func `default`(provider: String, code: String?, origin: FailureOrigin) -> FailureClass {
        switch origin {
        case .answer(let httpStatus): defaultForAnswer(httpStatus: httpStatus, provider: provider, code: code)
        case .receipt: defaultForReceipt(provider: provider, code: code)
        }
    }

    private static func defaultForAnswer(httpStatus: Int, provider: String, code: String?) -> FailureClass {
        switch httpStatus {
        case 401: .credentials
        case 403: .configuration
        case 429: .rateLimited
        // A proxy that gave up waiting cannot say what the provider has read.
        case 408: .unknown
        case 400...499: provider == "twilio" && family(of: code) == 20 ? .configuration : .content
        // A 5xx may have been accepted, and an unreadable success too.
        default: .unknown
        }
    }

    private static func defaultForReceipt(provider: String, code: String?) -> FailureClass {
        guard provider != "twilio-voice" else { return .noAnswer }
        guard provider == "twilio", let family = family(of: code) else { return .unreachable }
        switch family {
        // 11 and 12: our own webhook or TwiML is broken. 20: account and credentials.
        case 11, 12, 20: return .configuration
        // A Messaging Service validates late what a single number refuses at once.
        case 21: return .content
        default: return .unreachable
        }
    }

    /// The thousands of a numeric code, by which Twilio groups its codes: 30 for 30003.
    private static func family(of code: String?) -> Int? {
        code.flatMap { Int($0) }.map { $0 / 1_000 }
    }
}

/// How a failure reached us, which says whether the provider refused the request or failed to deliver later.
public enum FailureOrigin: Sendable, Hashable {
    /// The HTTP answer to the send itself.
    case answer(httpStatus: Int)
    /// A later word about an accepted message: a callback, an event or a poll.
    case receipt
}

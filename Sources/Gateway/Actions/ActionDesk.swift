import FoundationEssentials
import HTTPTypes
import Hummingbird
import Insight
import Logging
import Postgres
import Signing

/// Where people act: every form of the page comes here. It looks whether the form is this page's and this person's, and does
/// what it asks for once, in the person's name, through the login that may.
///
/// The gateway's own login never acts: it faces the internet.
struct ActionDesk: Sendable {
    /// Its login has the role `outrider_operator`; nil when there is none, and nobody acts.
    let database: PostgresPool?
    let seal: FormSeal
    let origin: FormOrigin
    let pages: Pages
    let logger: Logger

    /// Larger than every form here.
    private static let bodyLimit = 16_384

    init(_ configuration: GatewayConfiguration, database: PostgresPool?, pages: Pages, logger: Logger) {
        self.database = database
        self.pages = pages
        self.logger = logger
        let access = [configuration.operatorAccess].compactMap(\.self) + configuration.people
        origin = FormOrigin(publicURL: configuration.publicURL, onlyThisMachine: access.isEmpty)
        // The same on each gateway, so that a form may be sent to another one than made it.
        let secrets = [database?.configuration.url ?? ""] + access.flatMap { [$0.user, $0.password] }
        seal = FormSeal(
            key: hmacSHA256(
                key: Array("outrider form".utf8), message: Array(secrets.joined(separator: "\u{0}").utf8)))
    }

    /// Why this visitor can only read; nil when they may act.
    func obstacle(for visitor: Visitor) -> String? {
        if database == nil {
            return "This page only reads. To act here, set OUTRIDER_OPERATOR_DATABASE_URL to a login with the role "
                + "outrider_operator, and start the gateway again."
        }
        guard visitor.mayAct else {
            return
                "\(visitor.name ?? "This sign-in") only reads: the people of OUTRIDER_OPERATOR_PEOPLE act, each by name."
        }
        return nil
    }

    /// What a form carries, for one click by this visitor.
    func token(for visitor: Visitor, _ purpose: String) -> String {
        seal.token(for: visitor.name, purpose, at: Self.now)
    }

    /// The sentence that an earlier action left in the address of the page at `path`.
    func sentence(_ request: Request, at path: String) -> String? {
        guard let said = request.uri.queryParameters["said"].map(String.init),
            let mark = request.uri.queryParameters["seal"].map(String.init)
        else { return nil }
        return seal.isOurs(said, at: path, seal: mark) ? said : nil
    }

    /// Does what a form asks for.
    ///
    /// - Parameters:
    ///   - purpose: what the form's token must be for.
    ///   - back: the path of the page that is shown afterwards.
    ///   - asked: that of the page that a refusal leads back to; `back` when nil.
    ///   - again: says why the form is not complete, in its own page; nil when it is.
    ///   - act: a part of the transaction that names the person. Returns what is said afterwards.
    func perform(
        _ request: Request, by visitor: Visitor, _ purpose: String, back: String, asked: String? = nil,
        again: (FormParameters) async -> Response? = { _ in nil },
        _ act: (PostgresTransaction, FormParameters) async throws(PostgresError) -> String
    ) async -> Response {
        let asked = asked ?? back
        guard let database, obstacle(for: visitor) == nil else {
            return refusal(.forbidden, obstacle(for: visitor) ?? "", asked)
        }
        guard origin.admits(request) else { return refusal(.forbidden, Self.notOurs, asked) }
        guard let form = await Self.form(request) else {
            return refusal(.badRequest, "The form cannot be read.", asked)
        }
        guard let click = seal.click(of: form["token"] ?? "", by: visitor.name, purpose, at: Self.now) else {
            return refusal(.forbidden, Self.notOurs, asked)
        }
        if let incomplete = await again(form) { return incomplete }
        do throws(PostgresError) {
            let answer = try await Click(person: visitor.name, id: click).act(through: database) {
                transaction throws(PostgresError) in try await act(transaction, form)
            }
            let what = answer == nil ? "had been done" : "done"
            logger.info(
                "Acted on the page",
                metadata: ["what": "\(purpose)", "person": "\(visitor.name ?? "")", "result": "\(what)"])
            return Replies.seeOther(back + query(answer ?? "This has been done already.", at: back))
        } catch {
            return failure(error, purpose, asked)
        }
    }

    private static let notOurs =
        "Nothing was done: the form is not of this page, not yours, or older than twelve hours. Look again, then repeat."

    private func query(_ sentence: String, at path: String) -> String {
        "?"
            + FormParameters([("said", sentence), ("seal", seal.seal(of: sentence, at: path))]).encoded(space: .percent)
    }

    private func failure(_ error: PostgresError, _ purpose: String, _ back: String) -> Response {
        logger.warning("Not done on the page", metadata: ["what": "\(purpose)", "error": "\(error)"])
        guard !error.isOutcomeUnknown else {
            return refusal(
                .serviceUnavailable,
                "The database did not answer: whether it was done is not known. Send the form again: what was done is not "
                    + "done twice.", back)
        }
        guard !error.isRetryable else {
            return refusal(
                .serviceUnavailable, "Nothing was done: the database does not answer. Try again in a moment.", back)
        }
        return refusal(.conflict, "Nothing was done. \(Self.words(error))", back)
    }

    /// What the database says against it, with its hint.
    static func words(_ error: PostgresError) -> String {
        guard case .server(_, let message, let constraint) = error else { return "\(error)" }
        guard constraint.map({ message.hasPrefix("\($0):") }) != true else { return message }
        return "The database refused: \(error)"
    }

    func refusal(_ status: HTTPResponse.Status, _ text: String, _ back: String) -> Response {
        Replies.html(status, pages.refusal(text, back: back))
    }

    private static func form(_ request: Request) async -> FormParameters? {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded" else { return nil }
        guard case .whole(let bytes) = await BoundedBody.read(request, limit: bodyLimit) else { return nil }
        return try? FormParameters(parsing: bytes, limit: 100)
    }

    static var now: Int { Int(Date.now.timeIntervalSince1970) }
}

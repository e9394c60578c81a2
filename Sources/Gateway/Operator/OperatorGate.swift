import HTTPTypes
import Hummingbird
import Signing
import Synchronization

/// Who asks, as far as the page knows.
struct Visitor: Sendable {
    /// Of the sign-in; nil where nobody signs in.
    let name: String?
    let mayAct: Bool
}

/// Lets in who names a user and the password. Without any password it is open or closed, as configured.
struct OperatorGate: Sendable {
    /// The digests of the only header values that open; comparing digests tells nothing of the length either.
    private let expected: [(digest: [UInt8], visitor: Visitor)]
    private let isOpen: Bool
    private let attempts = WrongAttempts()

    init(_ configuration: GatewayConfiguration) {
        let people = configuration.people
        let sharedMayAct = people.isEmpty
        expected =
            people.map { (Self.digest($0), Visitor(name: $0.user, mayAct: true)) }
            + (configuration.operatorAccess.map { access in
                [(Self.digest(access), Visitor(name: access.user, mayAct: sharedMayAct))]
            } ?? [])
        isOpen = expected.isEmpty && configuration.isOpenWithoutPassword
    }

    private static func digest(_ access: GatewayConfiguration.OperatorAccess) -> [UInt8] {
        sha256(Array("Basic \(Array("\(access.user):\(access.password)".utf8).base64Encoded)".utf8))
    }

    /// - Parameter peer: the address of the connection's other end.
    func opened(to request: Request, from peer: String?, _ answer: (Visitor) async -> Response) async -> Response {
        guard !isOpen else { return await answer(Visitor(name: nil, mayAct: true)) }
        guard !expected.isEmpty else { return Self.closed }
        let client = Self.client(request, peer)
        guard let header = request.headers[.authorization] else { return Self.unauthorized }
        guard attempts.mayTry(client) else { return Self.tooMany }
        guard let visitor = visitor(naming: header) else { return Self.unauthorized }
        attempts.succeeded(client)
        return await answer(visitor)
    }

    /// All are compared, so that the time tells nothing of which one it was.
    private func visitor(naming header: String) -> Visitor? {
        let digest = sha256(Array(header.utf8))
        return expected.filter { constantTimeEquals($0.digest, digest) }.first?.visitor
    }

    /// Behind a proxy all connections come from one address; the proxy says last whose request it is.
    private static func client(_ request: Request, _ peer: String?) -> String {
        let forwarded = request.headers[.init("X-Forwarded-For")!]?.split(separator: ",").last
        return "\(peer ?? "") \(forwarded?.prefix(64) ?? "")"
    }

    private static let closed = Replies.text(
        .forbidden,
        """
        This page is closed: the gateway can be reached from outside, and it has no password.
        Set OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD, and start the gateway again.

        """)

    private static var unauthorized: Response {
        var response = Replies.text(
            .unauthorized,
            """
            Name the user and the password of OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD, by Basic authentication.
            For example: curl --user operator https://notify.example.com/metrics

            """)
        response.headers[.wwwAuthenticate] = "Basic realm=\"Outrider\", charset=\"UTF-8\""
        return response
    }

    private static var tooMany: Response {
        var response = Replies.text(.tooManyRequests, "Too many wrong passwords. Try again in a minute.\n")
        response.headers[.retryAfter] = "60"
        return response
    }
}

/// Bounds how fast passwords can be guessed: by each client, and by all together.
///
/// A client that was let in before is not kept out by what others guess.
final class WrongAttempts: Sendable {
    /// Wrong attempts of one client before it must wait, and how many seconds give one back.
    private static let burst = 10.0
    private static let secondsEach = 6.0
    /// The same for all clients together.
    private static let burstOfAll = 100.0
    private static let secondsEachOfAll = 1.0
    private static let maximumClients = 1_000

    /// Attempts left; what was used comes back with time.
    private struct Bucket {
        var left: Double
        var at: ContinuousClock.Instant
        var isKnown = false

        mutating func refill(to burst: Double, secondsEach: Double, _ now: ContinuousClock.Instant) {
            left = min(burst, left + (now - at) / .seconds(1) / secondsEach)
            at = now
        }
    }

    private struct State {
        var clients: [String: Bucket] = [:]
        var all: Bucket
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        state = Mutex(State(all: Bucket(left: Self.burstOfAll, at: now())))
    }

    /// Takes one attempt from what the client has left.
    func mayTry(_ client: String) -> Bool {
        change(client) { bucket, all in
            guard bucket.left >= 1, bucket.isKnown || all.left >= 1 else { return false }
            bucket.left -= 1
            all.left = max(0, all.left - 1)
            return true
        }
    }

    /// The attempt was right: it is given back.
    func succeeded(_ client: String) {
        change(client) { bucket, all in
            bucket.left += 1
            all.left += 1
            bucket.isKnown = true
        }
    }

    private func change<Result: Sendable>(
        _ client: String, _ change: @Sendable (inout Bucket, inout Bucket) -> Result
    ) -> Result {
        let now = now()
        return state.withLock { state in
            var bucket = state.clients[client] ?? Bucket(left: Self.burst, at: now)
            bucket.refill(to: Self.burst, secondsEach: Self.secondsEach, now)
            state.all.refill(to: Self.burstOfAll, secondsEach: Self.secondsEachOfAll, now)
            if state.clients[client] == nil, state.clients.count >= Self.maximumClients { makeRoom(in: &state) }
            let result = change(&bucket, &state.all)
            state.clients[client] = bucket
            return result
        }
    }

    /// The strangers first, of these the one that was not seen for longest.
    private func makeRoom(in state: inout State) {
        let oldest = state.clients.min { one, other in
            guard one.value.isKnown == other.value.isKnown else { return other.value.isKnown }
            return one.value.at < other.value.at
        }
        if let oldest { state.clients[oldest.key] = nil }
    }
}

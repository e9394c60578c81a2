/// LISTENs on channels with a connection of its own, and reconnects by itself.
///
/// Notifications are hints: those sent while the connection was away are lost, which is why every new connection yields
/// `.reconnected` and why a reader polls as well. It needs a session, so its URL must not lead through pgbouncer in
/// transaction mode.
public final class PostgresListener: Sendable {
    public enum Element: Sendable, Hashable {
        /// Somebody notified `channel`; the payload is at most 8,000 bytes.
        case notification(channel: String, payload: String)
        /// Notifications may have been missed: look at the tables. Also the first element, and the one after an overflow.
        case reconnected
    }

    /// The notifications, for one reader; ends when `run` returns. Equal ones that wait are one; at most 256 wait.
    public let notifications: AsyncStream<Element>
    private let configuration: PostgresConfiguration
    private let listen: String
    private let mailbox: NotificationMailbox

    public init(_ configuration: PostgresConfiguration, channels: [String]) {
        precondition(!channels.isEmpty)
        self.configuration = configuration
        listen = channels.map { "LISTEN \(Self.quoted($0))" }.joined(separator: "; ")
        let mailbox = NotificationMailbox(capacity: 256)
        self.mailbox = mailbox
        notifications = AsyncStream(unfolding: { await mailbox.next() }, onCancel: { mailbox.close() })
    }

    /// Listens until the task is cancelled. Called once.
    ///
    /// - Parameter onFailure: told of each broken or refused connection, e.g. for a log line; the next try follows by itself.
    public func run(onFailure: @Sendable (PostgresError) -> Void = { _ in }) async {
        var pause = 100
        while !Task.isCancelled {
            do throws(PostgresError) {
                let connection = try PostgresConnection(configuration)
                try await connection.connect()
                _ = try await connection.run(script: listen, until: .now + configuration.queryDeadline)
                mailbox.put(.reconnected)
                pause = 100
                try await forward(from: connection)
            } catch {
                guard !Task.isCancelled else { break }
                onFailure(error)
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: pause / 2...pause)))
            pause = min(pause * 2, 5_000)
        }
        mailbox.close()
    }

    /// Never returns but by an error. A quiet connection is asked for a sign of life every 30 s, because a frozen server
    /// looks exactly like a quiet one.
    private func forward(from connection: PostgresConnection) async throws(PostgresError) {
        while true {
            if let (channel, payload) = try await connection.nextNotification(until: .now + .seconds(30)) {
                mailbox.put(.notification(channel: channel, payload: payload))
            } else {
                _ = try await connection.run(script: "SELECT 1", until: .now + configuration.queryDeadline)
            }
        }
    }

    private static func quoted(_ identifier: String) -> String {
        "\"" + identifier.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

/// What one page of an account's messages says became of them.
public enum StatusPage: Sendable, Hashable {
    /// The receipt of each message on it, by id. `next` asks for what stands behind them; nil at the end of the list.
    case page([String: Receipt], next: String?)
    /// No readable answer; ask about single messages.
    case unavailable
}

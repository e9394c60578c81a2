import Delivery
import HTTPTypes
import Hummingbird

/// Whether a form comes from this page itself, as far as the browser says.
struct FormOrigin: Sendable {
    /// Such as `https://notify.example.com`.
    private let publicOrigin: String
    /// Nobody signs in: then a name that was made to lead to this machine must not do for the page's own.
    private let onlyThisMachine: Bool

    init(publicURL: String, onlyThisMachine: Bool) {
        let parts = publicURL.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        publicOrigin = parts.prefix(3).joined(separator: "/").asciiLowercased
        self.onlyThisMachine = onlyThisMachine
    }

    /// A browser names the origin of every form. Who names none is no browser, and is held by the token alone.
    func admits(_ request: Request) -> Bool {
        if let site = request.headers[.init("Sec-Fetch-Site")!], site != "same-origin" { return false }
        guard let origin = request.headers[.origin]?.asciiLowercased else { return true }
        guard origin != publicOrigin else { return true }
        guard let authority = request.head.authority?.asciiLowercased,
            ["http://", "https://"].contains(where: { origin == $0 + authority })
        else { return false }
        return !onlyThisMachine || Self.isThisMachine(authority)
    }

    private static func isThisMachine(_ authority: String) -> Bool {
        ["localhost", "127.0.0.1", "[::1]"].contains { authority == $0 || authority.hasPrefix($0 + ":") }
    }
}

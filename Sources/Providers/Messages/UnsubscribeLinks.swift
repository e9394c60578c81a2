public import Delivery
import Signing

/// How a person leaves the offers of a mail: the links are made by workers and read by gateways with the same key.
public struct UnsubscribeLinks: Sendable {
    /// Where people may also write to; nil where nobody reads that.
    public var mailbox: String?
    private let seal: LinkSeal

    /// Where the gateway honours the links.
    public static let path = "/unsubscribe/"

    /// - Parameter secrets: the first makes links, each one reads them; during a rotation the other one is the old key.
    public init(secrets: [String], mailbox: String? = nil) {
        self.mailbox = mailbox
        seal = LinkSeal(secrets: secrets, purpose: "unsubscribe")
    }

    /// Nil for everything but an offer by e-mail: a one-time password has nothing to be left.
    public func way(out request: UnsubscribeRequest, by channel: Channel, at base: String) -> UnsubscribeWay? {
        guard channel == .email, request.category == .marketing,
            let link = seal.seal([
                "1", String(request.jobID), request.category.rawValue, request.tenant, request.address,
            ])
        else { return nil }
        return UnsubscribeWay(link: base.withoutTrailingSlashes + Self.path + link, mailbox: mailbox)
    }

    /// What the last part of a link asks for; nil when the link is not ours, was cut or changed, or its key is not in use any
    /// more.
    public func request(_ link: String) -> UnsubscribeRequest? {
        guard let parts = seal.open(link), parts.count == 5, parts[0] == "1", let job = Int(parts[1]),
            let category = Category(rawValue: parts[2])
        else { return nil }
        return UnsubscribeRequest(jobID: job, category: category, tenant: parts[3], address: parts[4])
    }
}

/// Who wants no more mail of a kind, and from whom.
public struct UnsubscribeRequest: Sendable, Hashable {
    /// The job whose mail carried the link.
    public var jobID: Int
    public var category: Category
    public var tenant: String
    public var address: String

    public init(jobID: Int, category: Category, tenant: String, address: String) {
        self.jobID = jobID
        self.category = category
        self.tenant = tenant
        self.address = address
    }
}

extension UnsubscribeRequest: CustomStringConvertible, CustomReflectable {
    /// Without the address.
    public var description: String { "unsubscribe by the link of job \(jobID)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a mail says about how to leave.
public struct UnsubscribeWay: Sendable, Hashable {
    public var link: String
    public var mailbox: String?

    /// RFC 8058: one POST to the link is enough, and mail programs show a button for it. No other header of a mail is touched;
    /// SendGrid keeps some to itself, and these are none of them.
    var headers: [(name: String, value: String)] {
        let ways = ["<\(link)>"] + [mailbox].compactMap(\.self).map { "<mailto:\($0)?subject=unsubscribe>" }
        return [
            ("List-Unsubscribe", ways.joined(separator: ", ")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    }
}

extension UnsubscribeWay: CustomStringConvertible, CustomReflectable {
    /// Whoever has the link may use it.
    public var description: String { "UnsubscribeWay" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

import Delivery
import Foundation
import Signing

/// The filters and paging of a 2010 list. The newest come first; a page token names the last item of the page before,
/// so that items which arrive meanwhile move nothing.
struct ListQuery: Sendable {
    /// A bound on a date, inclusive as the real operators are.
    private struct Bound: Sendable {
        var isLower: Bool
        var date: Date
    }
    var to: String?
    private var from: String?
    private var status: String?
    private var bounds: [Bound] = []
    private var pageSize: Int
    private var page: Int
    private var token: String?
    private let path: String
    private let filters: [(name: String, value: String)]

    /// - Parameter dateName: `DateSent` of messages, `StartTime` of calls.
    init(query: FormParameters, path: String, dateName: String) throws(TwilioError) {
        self.path = path
        to = query["To"].flatMap { $0.isEmpty ? nil : $0 }
        from = query["From"].flatMap { $0.isEmpty ? nil : $0 }
        status = query["Status"].flatMap { $0.isEmpty ? nil : $0 }
        for name in [dateName, dateName + ">", dateName + "<"] {
            guard let text = query[name], !text.isEmpty else { continue }
            guard let date = DateForm.parse(text) else { throw .badRequest(20001, "Invalid date in \(name)") }
            let isDay = text.utf8.count == 10
            if !name.hasSuffix("<") { bounds.append(Bound(isLower: true, date: date)) }
            if !name.hasSuffix(">") {
                // A day as an upper bound means all of it.
                bounds.append(Bound(isLower: false, date: isDay ? date.addingTimeInterval(86_399) : date))
            }
        }
        pageSize = query["PageSize"].flatMap(Int.init) ?? 50
        guard (1...1000).contains(pageSize) else { throw .badRequest(20007, "Page size must be between 1 and 1000") }
        page = query["Page"].flatMap(Int.init) ?? 0
        guard page >= 0 else { throw .badRequest(20001, "Invalid Page") }
        token = query["PageToken"].flatMap { $0.hasPrefix("PA") ? String($0.dropFirst(2)) : nil }
        filters = query.pairs.filter { !["PageSize", "Page", "PageToken"].contains($0.name) }
    }

    /// Whether a resource passes the filters; one without a date never passes a bound.
    func matches(from: String?, date: Date?, status: String? = nil) -> Bool {
        if let wanted = self.from, wanted != from { return false }
        if let wanted = self.status, let status, wanted != status { return false }
        return bounds.allSatisfy { bound in
            // Wire dates have whole seconds.
            guard let seconds = date?.timeIntervalSince1970.rounded(.down) else { return false }
            let limit = bound.date.timeIntervalSince1970
            return bound.isLower ? seconds >= limit : seconds <= limit
        }
    }

    /// One page of `resources` in the 2010 API's envelope.
    func page<Resource>(
        of resources: some Sequence<(sid: String, resource: Resource)>, key: String,
        matching: (Resource) -> Bool, json: (Resource) -> JSON
    ) -> JSON {
        var skipsUntil = token
        var toSkip = token == nil ? page * pageSize : 0
        var items: [JSON] = []
        var last: String?
        var hasMore = false
        for (sid, resource) in resources {
            if let sought = skipsUntil {
                if sid == sought { skipsUntil = nil }
                continue
            }
            guard matching(resource) else { continue }
            guard toSkip == 0 else {
                toSkip -= 1
                continue
            }
            guard items.count < pageSize else {
                hasMore = true
                break
            }
            items.append(json(resource))
            last = sid
        }
        let next = hasMore ? last.map { uri(page: page + 1, token: "PA" + $0) } : nil
        return [
            "first_page_uri": .string(uri(page: 0)),
            "end": .integer(page * pageSize + max(items.count - 1, 0)),
            "previous_page_uri": page > 0 ? .string(uri(page: page - 1)) : .null,
            key: .array(items),
            "uri": .string(uri(page: page, token: token.map { "PA" + $0 })),
            "page_size": .integer(pageSize),
            "start": .integer(page * pageSize),
            "next_page_uri": .optional(next),
            "page": .integer(page),
        ]
    }

    private func uri(page: Int, token: String? = nil) -> String {
        var parameters = FormParameters(filters)
        parameters.append("PageSize", String(pageSize))
        parameters.append("Page", String(page))
        if let token { parameters.append("PageToken", token) }
        return path + "?" + parameters.encoded(space: .percent)
    }
}

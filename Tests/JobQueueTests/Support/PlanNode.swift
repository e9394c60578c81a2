import Foundation

/// A node of an explained plan, with everything under it.
struct PlanNode: Decodable {
    var type: String
    var relation: String?
    var index: String?
    var indexCondition: String?
    var subplan: String?
    var operation: String?
    var children: [PlanNode]?

    enum CodingKeys: String, CodingKey {
        case type = "Node Type"
        case relation = "Relation Name"
        case index = "Index Name"
        case indexCondition = "Index Cond"
        case subplan = "Subplan Name"
        case operation = "Operation"
        case children = "Plans"
    }

    private struct Explained: Decodable {
        var plan: PlanNode
        enum CodingKeys: String, CodingKey { case plan = "Plan" }
    }

    struct NoPlan: Error {}

    init(explained json: String) throws {
        guard let plan = try JSONDecoder().decode([Explained].self, from: Data(json.utf8)).first?.plan else {
            throw NoPlan()
        }
        self = plan
    }

    var all: [PlanNode] { [self] + (children ?? []).flatMap(\.all) }

    var condition: String { indexCondition ?? "" }

    /// Whether it reads one of these tables or a partition of one.
    func scans(_ tables: [String]) -> Bool {
        guard let relation, type.contains("Scan") else { return false }
        return tables.contains { relation == $0 || relation.hasPrefix($0 + "_") }
    }
}

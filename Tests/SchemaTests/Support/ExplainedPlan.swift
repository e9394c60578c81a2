import Foundation

/// What `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` tells of a statement that was run.
struct ExplainedPlan {
    struct NoPlan: Error {}

    let root: PlanNode

    init(json: String) throws {
        struct Explained: Decodable {
            let plan: PlanNode
            enum CodingKeys: String, CodingKey { case plan = "Plan" }
        }
        guard let plan = try JSONDecoder().decode([Explained].self, from: Data(json.utf8)).first?.plan else {
            throw NoPlan()
        }
        root = plan
    }

    /// Every node that was run. Those of other partitions are planned, and never run.
    var nodes: [PlanNode] { root.all.filter { $0.loops > 0 } }

    /// Pages that were looked at. What a node counts holds what its children count, so the largest count is the nearest.
    var pages: Double { nodes.map { $0.hits + $0.reads }.max() ?? 0 }

    /// Rows that nodes handed on or looked at in vain: what grows when lists are joined without an index.
    var touched: Double { nodes.reduce(0) { $0 + $1.touched } }
}

/// A node of a plan, with everything under it.
struct PlanNode: Decodable {
    let type: String
    let relation: String?
    private let indexName: String?
    private let indexCondition: String?
    let loops: Double
    let hits: Double
    let reads: Double
    private let rows: Double
    private let removedByFilter: Double?
    private let removedByJoin: Double?
    private let children: [PlanNode]?

    enum CodingKeys: String, CodingKey {
        case type = "Node Type"
        case relation = "Relation Name"
        case indexName = "Index Name"
        case indexCondition = "Index Cond"
        case loops = "Actual Loops"
        case hits = "Shared Hit Blocks"
        case reads = "Shared Read Blocks"
        case rows = "Actual Rows"
        case removedByFilter = "Rows Removed by Filter"
        case removedByJoin = "Rows Removed by Join Filter"
        case children = "Plans"
    }

    /// This node and those under it.
    var all: [PlanNode] { [self] + (children ?? []).flatMap(\.all) }

    var touched: Double { (rows + (removedByFilter ?? 0) + (removedByJoin ?? 0)) * loops }

    /// The indexes it reads; those of a bitmap are its children.
    var indexes: [String] { bitmaps.isEmpty ? [indexName].compactMap(\.self) : bitmaps.flatMap(\.indexes) }

    /// Whether each index tells where to begin.
    var looksUp: Bool { bitmaps.isEmpty ? indexCondition != nil : bitmaps.allSatisfy(\.looksUp) }

    private var bitmaps: [PlanNode] { (children ?? []).filter { $0.type.hasPrefix("Bitmap") && $0.relation == nil } }

    /// The table it reads, without the number of a partition; nil for a node that reads none.
    var table: String? {
        guard let relation, type.contains("Scan") else { return nil }
        return relation.replacing(/_[0-9]+$/, with: "")
    }
}

import Postgres

/// What messages of a campaign cost that share a variant, a channel, a calling code and a currency.
public struct CampaignCost: Sendable, Encodable {
    public var variant, channel, country: String
    /// Those begun, and the segments that they count for.
    public var messages, segments: Int
    /// Empty where no price is known.
    public var currency: String
    public var cost: Double

    init(_ row: Row) throws(PostgresError) {
        (variant, channel, country) = (try row.string("variant"), try row.string("channel"), try row.string("country"))
        (messages, segments) = (try row.int("messages"), try row.int("segments"))
        (currency, cost) = (try row.string("currency"), try row.double("cost"))
    }
}

extension CampaignReport {
    /// The sum in each currency, by its name.
    public var sums: [(currency: String, cost: Double)] {
        var sums: [String: Double] = [:]
        for cost in costs where !cost.currency.isEmpty { sums[cost.currency, default: 0] += cost.cost }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Messages of which no price is known.
    public var unpriced: Int { costs.filter(\.currency.isEmpty).map(\.messages).reduce(0, +) }

    /// In words; empty where there are no prices at all.
    public var priceLine: String {
        guard !sums.isEmpty else { return "" }
        let sum = sums.map { "\(Self.money($0.cost)) \($0.currency)" }.joined(separator: " or ")
        return "cost: \(sum)" + (unpriced > 0 ? "; of \(unpriced) messages no price is known" : "")
    }

    /// With two places, as money is written.
    public static func money(_ amount: Double) -> String {
        let hundredths = Int((amount * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

public import Postgres
import Schema

/// A campaign that has jobs to feed, or is over and has jobs to end.
public struct WaitingCampaign: Sendable, Hashable {
    public var id: Int
    public var isOver: Bool

    public init(id: Int, isOver: Bool) {
        self.id = id
        self.isOver = isOver
    }
}

/// A campaign that a rule has paused, not a person.
public struct StoppedCampaign: Sendable, Hashable {
    public var id: Int
    /// What was passed, and what to do.
    public var reason: String
}

/// What decides which jobs of a campaign are sent: the real one is `CampaignStore`, a simulation has its own.
///
/// All of it may be done by any worker, at any time, and by several at once: who comes second finds nothing to do.
public protocol FeedStore: Sendable {
    func waiting() async throws(StoreError) -> [WaitingCampaign]

    /// Gives jobs of a campaign their due rows, as long as not enough of it is due.
    /// - Returns: how many.
    func feed(_ campaign: Int) async throws(StoreError) -> Int

    /// Ends jobs of a campaign that was canceled or is past its end.
    /// - Returns: how many it looked at; 0 when nothing is left.
    func sweep(_ campaign: Int) async throws(StoreError) -> Int
}

/// What workers do for campaigns beside sending: feed due rows, end what is over, and fold counts.
public struct CampaignStore: FeedStore {
    private let pool: PostgresPool

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(_ pool: PostgresPool) { self.pool = pool }

    public func waiting() async throws(StoreError) -> [WaitingCampaign] {
        do throws(PostgresError) {
            var found: [WaitingCampaign] = []
            for row in try await pool.fetch(.campaignsToTend) {
                found.append(WaitingCampaign(id: try row.int("id"), isOver: try row.bool("is_over")))
            }
            return found
        } catch {
            throw .database(error)
        }
    }

    public func feed(_ campaign: Int) async throws(StoreError) -> Int {
        do throws(PostgresError) {
            return try await pool.fetch(.feedCampaign, [.int(campaign)]).first?.int("fed") ?? 0
        } catch {
            throw .database(error)
        }
    }

    public func sweep(_ campaign: Int) async throws(StoreError) -> Int {
        do throws(PostgresError) {
            return try await pool.fetch(.sweepCampaign, [.int(campaign)]).first?.int("swept") ?? 0
        } catch {
            throw .database(error)
        }
    }

    /// Takes what commits have added into the counts.
    /// - Returns: whether there is more to take at once.
    public func fold() async throws(PostgresError) -> Bool {
        try await pool.fetch(.foldCampaignCounts).first?.bool("has_more") ?? false
    }

    /// Takes failures into the counts, and pauses campaigns of which too much fails, each by one worker.
    /// - Returns: those that this call has paused.
    public func judge() async throws(PostgresError) -> [StoppedCampaign] {
        let news = try await pool.fetch(.foldFailures).first?.intArray("news") ?? []
        var stopped: [StoppedCampaign] = []
        for row in try await pool.fetch(.judgeCampaigns, [.intArray(news)]) {
            stopped.append(StoppedCampaign(id: try row.int("id"), reason: try row.string("reason")))
        }
        return stopped
    }

    /// Deletes digests of people of campaigns into which nobody can be loaded any more, a part of them.
    /// - Returns: whether there may be more.
    public func forget() async throws(PostgresError) -> Bool {
        try await pool.fetch(.forgetMembers).first?.bool("has_more") ?? false
    }

    /// Notes which campaigns have nobody left.
    public func finish() async throws(PostgresError) {
        _ = try await pool.fetch(.finishCampaigns)
    }
}

extension Statement {
    static let campaignsToTend = Schema.statement("campaigns_to_tend")
    static let feedCampaign = Schema.statement("feed_campaign")
    static let sweepCampaign = Schema.statement("sweep_campaign")
    static let foldCampaignCounts = Schema.statement("fold_campaign_counts")
    static let foldFailures = Schema.statement("fold_failures")
    static let judgeCampaigns = Schema.statement("judge_campaigns")
    static let forgetMembers = Schema.statement("forget_members")
    static let finishCampaigns = Schema.statement("finish_campaigns")
}

/// When a schedule fires, and what becomes of the times at which it could not.
public struct Schedule: Sendable, Hashable {
    public var id: Int
    public var cron: CronExpression
    public var clockChange: ClockChangeRule
    public var missed: MissedRule
    /// How late a time may still be caught up; nil is the usual of its `missed` rule.
    public var catchUp: Duration?
    /// A time fires up to this much later, always the same for the same time, never past the next.
    public var jitter: Duration
    public var endsAt: Instant?
    public var isPaused: Bool
    /// Times up to this one that are not decided yet passed while it was paused.
    public var resumedAt: Instant?
    /// Times up to this one that are not decided yet may have fired in the database of which this one is a copy.
    public var adoptedAt: Instant?

    public init(
        id: Int, cron: CronExpression, clockChange: ClockChangeRule = .usual, missed: MissedRule = .latest,
        catchUp: Duration? = nil, jitter: Duration = .zero, endsAt: Instant? = nil, isPaused: Bool = false,
        resumedAt: Instant? = nil
    ) {
        self.id = id
        self.cron = cron
        self.clockChange = clockChange
        self.missed = missed
        self.catchUp = catchUp
        self.jitter = jitter
        self.endsAt = endsAt
        self.isPaused = isPaused
        self.resumedAt = resumedAt
    }
}

/// What happens to times that passed while no worker ran.
public enum MissedRule: Sendable, Hashable {
    /// None of them fires.
    case skip
    /// The last of them fires.
    case latest
    /// The last so many of them fire.
    case all(limit: Int)
}

/// One time of a schedule: when it is by the clock on the wall, and when it fires.
public struct Tick: Sendable, Hashable {
    public var nominal: Instant
    /// The same, but for the jitter.
    public var real: Instant

    public init(nominal: Instant, real: Instant) {
        self.nominal = nominal
        self.real = real
    }
}

/// Why a time of a schedule did not fire.
public enum TickSkip: String, Sendable, CaseIterable {
    case paused
    /// The database was restored or copied: it may have fired elsewhere.
    case beforeAdoption = "before_adoption"
    /// No worker ran, and it was too late when one did.
    case late
    /// No worker ran, and a later time fires in its place.
    case superseded
}

/// What one look at a schedule comes to.
public struct SchedulePlan: Sendable, Hashable {
    public struct Decision: Sendable, Hashable {
        public var tick: Tick
        /// Nil: it fires.
        public var skip: TickSkip?

        public init(_ tick: Tick, skip: TickSkip? = nil) {
            self.tick = tick
            self.skip = skip
        }
    }

    /// The times that have passed since the last look, in order.
    public var decisions: [Decision]
    /// Every time up to this one is decided.
    public var decidedUntil: Instant
    /// The next time; nil when it has none any more. One that has passed already means that there are more to decide.
    public var next: Tick?
}

extension Schedule {
    /// Times that are decided in one look: after a long outage there are many looks.
    public static let most = 1_000
    /// How late a worker may be that was running: a look is delayed, a database fails over.
    public static let grace = Duration.seconds(60)

    /// - Parameters:
    ///   - decided: every time up to this one has been decided before.
    ///   - now: by the database's clock.
    public func plan(after decided: Instant, now: Instant, on clock: WallClock) -> SchedulePlan {
        var ticks: [Tick] = []
        var next = first(after: decided, on: clock)
        while let tick = next, tick.real <= now, ticks.count < Self.most + missed.most {
            ticks.append(tick)
            next = first(after: tick.nominal, on: clock)
        }
        guard let rest = next, rest.real <= now else {
            let decisions = ticks.indices.map { index in
                decision(
                    on: ticks[index], before: index + 1 < ticks.count ? ticks[index + 1] : next,
                    isAmongLast: ticks.count - index <= missed.most, now: now)
            }
            return SchedulePlan(decisions: decisions, decidedUntil: ticks.last?.nominal ?? decided, next: next)
        }
        // Those at the end are for the next look: they may be among the last.
        let left = Array(ticks.suffix(missed.most))
        ticks.removeLast(left.count)
        let following = left.first ?? rest
        let decisions = ticks.indices.map { index in
            decision(
                on: ticks[index], before: index + 1 < ticks.count ? ticks[index + 1] : following, isAmongLast: false,
                now: now)
        }
        return SchedulePlan(decisions: decisions, decidedUntil: ticks.last?.nominal ?? decided, next: following)
    }

    private func decision(on tick: Tick, before next: Tick?, isAmongLast: Bool, now: Instant) -> SchedulePlan.Decision {
        if adoptedAt.map({ tick.real <= $0 }) ?? false { return .init(tick, skip: .beforeAdoption) }
        if isPaused || resumedAt.map({ tick.real <= $0 }) ?? false { return .init(tick, skip: .paused) }
        guard tick.real.duration(to: now) <= reach(of: tick, before: next) else { return .init(tick, skip: .late) }
        return .init(tick, skip: isAmongLast ? nil : .superseded)
    }

    /// How late a time may fire.
    private func reach(of tick: Tick, before next: Tick?) -> Duration {
        switch missed {
        case .skip: Self.grace
        case .latest:
            max(
                Self.grace,
                catchUp ?? min(.seconds(3_600), next.map { tick.nominal.duration(to: $0.nominal) } ?? .seconds(3_600)))
        case .all: max(Self.grace, catchUp ?? .seconds(86_400))
        }
    }

    /// The next times after an instant, at most so many.
    public func upcoming(_ count: Int, after instant: Instant, on clock: WallClock) -> [Tick] {
        var (ticks, last): ([Tick], Instant) = ([], instant)
        while ticks.count < count, let tick = first(after: last, on: clock) {
            ticks.append(tick)
            last = tick.nominal
        }
        return ticks
    }

    private func first(after instant: Instant, on clock: WallClock) -> Tick? {
        guard let nominal = cron.next(after: instant, on: clock, clockChange), endsAt.map({ nominal < $0 }) ?? true
        else {
            return nil
        }
        guard jitter > .zero else { return Tick(nominal: nominal, real: nominal) }
        let following = cron.next(after: nominal, on: clock, clockChange)
        let room = following.map { min(jitter, nominal.duration(to: $0) - .seconds(1)) } ?? jitter
        let span = UInt64(max(0, room.wholeMicroseconds)) + 1
        let delay = Int64(Self.hash(id, nominal) % span)
        return Tick(nominal: nominal, real: nominal.advanced(by: .microseconds(delay)))
    }

    /// SplitMix64's last step (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): every worker finds the same.
    private static func hash(_ id: Int, _ nominal: Instant) -> UInt64 {
        var bits = UInt64(bitPattern: Int64(id)) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: nominal.microseconds)
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension MissedRule {
    /// How many of the times that have passed may fire.
    var most: Int {
        switch self {
        case .skip, .latest: 1
        case .all(let limit): limit
        }
    }
}

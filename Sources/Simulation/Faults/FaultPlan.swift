/// Which faults a run has, and how often: each kind is off in half of all seeds.
struct FaultPlan: Sendable {
    var killsWorkers: Bool
    var freezesWorkers: Bool
    var stopsWorkers: Bool
    var losesCommits: Bool
    var isDatabaseSlow: Bool
    var crashesDatabase: Bool
    /// Whether a crash is survived by promoting a synchronous standby, instead of by a restart.
    var failsOver: Bool
    var longTransactions: Bool
    var answersLost: Bool
    var answersUnavailable: Bool
    var rateLimited: Bool
    var repliesSlow: Bool
    var callbacksLost: Bool
    var callbacksDoubled: Bool
    var callbacksLate: Bool
    var gatewayCrashes: Bool
    var listingsLag: Bool
    var listingsFail: Bool
    /// Whether the account keeps no texts, so that listings show none.
    var listingsHideTexts: Bool
    var optOutStorm: Bool
    var replays: Bool
    var pausesCampaigns: Bool
    var cancelsCampaigns: Bool
    var switchesSenders: Bool
    /// Whether some rows take too long to be read.
    var hugeRows: Bool
    /// How many of a hundred calls meet each of the faults above.
    var rate: Int

    init(_ random: inout SplitMix64) {
        killsWorkers = random.chance(50)
        freezesWorkers = random.chance(50)
        stopsWorkers = random.chance(50)
        losesCommits = random.chance(50)
        isDatabaseSlow = random.chance(50)
        crashesDatabase = random.chance(50)
        longTransactions = random.chance(50)
        answersLost = random.chance(50)
        answersUnavailable = random.chance(50)
        rateLimited = random.chance(50)
        repliesSlow = random.chance(50)
        callbacksLost = random.chance(50)
        callbacksDoubled = random.chance(50)
        callbacksLate = random.chance(50)
        gatewayCrashes = random.chance(50)
        listingsLag = random.chance(50)
        listingsFail = random.chance(50)
        optOutStorm = random.chance(50)
        replays = random.chance(50)
        rate = random.pick([3, 8, 20])
        failsOver = random.chance(50)
        pausesCampaigns = random.chance(50)
        switchesSenders = random.chance(50)
        hugeRows = random.chance(50)
        listingsHideTexts = random.chance(50)
        cancelsCampaigns = random.chance(30)
    }

    /// How one call of a worker to the database goes.
    func route(isQuiet: Bool, using random: inout SplitMix64) -> Route {
        var route = Route(
            departure: Time(random.pick(100..<1500)), work: Time(random.pick(100..<2000)),
            reply: Time(random.pick(100..<1500)), fate: .well)
        guard !isQuiet else { return route }
        if isDatabaseSlow, random.chance(rate) {
            let pause = Time.milliseconds(random.pick([50, 700, 4000, 9000, 12_000]))
            switch random.pick(0..<3) {
            case 0: route.departure += pause
            case 1: route.work += pause
            default: route.reply += pause
            }
        }
        if losesCommits, random.chance(rate) {
            route.fate = random.pick([.refused, .unheard, .unheard, .rolledBack])
        }
        return route
    }

    /// How the two rounds of a take go. One whose statements were prepared in vain is asked once more.
    func routeOfTake(
        isQuiet: Bool, using random: inout SplitMix64
    ) -> (first: Route, second: Route, isRepeated: Bool) {
        let whole = route(isQuiet: isQuiet, using: &random)
        var first = Route(departure: whole.departure, work: Time(random.pick(200..<2000)), reply: 0, fate: .well)
        var second = Route(
            departure: Time(random.pick(100..<1500)), work: Time(random.pick(100..<2000)), reply: whole.reply,
            fate: .well)
        switch random.pick(0..<3) {
        case 0: first.work = whole.work
        case 1: second.departure = whole.work
        default: second.work = whole.work
        }
        switch whole.fate {
        case .well: break
        case .refused: first.fate = .refused
        case .unheard: second.fate = .unheard
        case .rolledBack: if random.chance(50) { first.fate = .rolledBack } else { second.fate = .rolledBack }
        }
        return (first, second, !isQuiet && losesCommits && random.chance(rate))
    }
}

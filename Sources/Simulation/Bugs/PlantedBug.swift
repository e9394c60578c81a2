import Delivery
import Worker

/// A bug planted in what surrounds the worker, so that what the worker does comes out as if it had the bug.
///
/// Each must be found by a checker; the code that is tested carries none of them.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// A 5xx is taken for "not processed", so the send is repeated.
    case blindRetry = "blind-5xx-retry"
    /// What is learnt about an old attempt is recorded for the newest one.
    case generationIgnored = "generation-ignored"
    /// A send whose answer never came is queued again.
    case unknownRequeued = "unknown-requeued"
    /// The last receipt counts, whatever came before it.
    case receiptOrderTrusted = "receipt-order-trusted"
    /// A replayed inbound message opens the WhatsApp window again.
    case windowMovedByReplay = "window-moved-by-replay"
    /// A webhook is answered before what it says is committed.
    case answeredBeforeCommit = "2xx-before-commit"
    /// Retries wait twice as long each time, without end.
    case backoffUncapped = "backoff-uncapped"
    /// The sender's window is looked at, and taken without a fence.
    case checkThenActRate = "check-then-act-rate"
    /// The campaign's window is looked at, and taken without a fence.
    case checkThenActCampaign = "check-then-act-campaign-rate"
    /// Receipts are told apart by the message's id alone.
    case dedupeByIDOnly = "dedupe-by-sid-only"
    /// Who is dead is judged by the worker's own wall clock.
    case leaseByWorkerClock = "lease-by-worker-clock"
    /// The transport repeats a POST when the connection breaks.
    case transportRepeats = "transport-repeats-post"
    /// The decision does not see that a message was delivered.
    case deliveryHidden = "escalation-after-delivered"
    /// 21610 is taken for an unreachable handset, so the person is called instead.
    case optedOutGoesOn = "21610-goes-to-voice"
    /// Opt-outs are looked up when the job is inserted, not when it is taken.
    case optOutAtEnqueueOnly = "opt-out-at-enqueue-only"
    /// A STOP to one tenant's number is written down for all tenants.
    case stopBindsEverybody = "stop-binds-everybody"
    /// Takes and the fence see only opt-outs that bind every tenant and every category.
    case scopeIgnored = "scope-ignored"
    /// The body leaves however long ago its intent was taken.
    case fenceMissing = "send-fence-missing"
    /// A dead worker's open intents are sent again.
    case rescueResends = "rescue-resends"
    /// Free text goes out whether the WhatsApp window is open or not.
    case windowIgnored = "window-ignored"
    /// What a listing shows is taken without asking whose it is.
    case adoptionUnchecked = "adoption-unchecked"
    /// What a listing shows is taken while another send is open that looks like it.
    case likenessIgnored = "likeness-ignored"
    /// A due row is placed even when the event it hangs on was known already.
    case fenceIgnored = "fence-ignored"
    /// A dead worker's batches stay with it.
    case deadKeepLeases = "dead-keep-leases"
    /// A take does not see that a message was taken after all that nobody could account for.
    case wordHidden = "repeat-although-told"
    /// The standby that takes over lacks the last 0.7 s of what was acknowledged.
    case standbyLags = "asynchronous-standby"
    /// What is committed between the take and its intents is not seen.
    case beginLooksAway = "begin-looks-away"
    /// A campaign's pause is seen by a look only, not when its sends begin.
    case pauseIgnored = "pause-ignored"
    /// What is to be fed is written down before the due rows are there.
    case cursorBeforeBatch = "cursor-before-batch"
    /// Feeding goes on from the highest id that was fed.
    case cursorByID = "resume-from-highest-id"
    /// A schedule is marked as looked at first, and fires by a second statement.
    case tickMarkedFirst = "tick-marked-then-fired"
    /// A schedule fires at both of two times that look alike.
    case bothHoursFired = "both-hours-fired"
    /// Who is fed and not begun yet has no part of the campaign's budget.
    case budgetIgnoresWaiting = "budget-ignores-waiting"
    /// Quiet hours go by the clock of whoever sends.
    case quietBySenderZone = "quiet-hours-of-the-sender"
    /// What a cap has counted is looked at, and its room taken without a lock.
    case capCheckedThenTaken = "cap-checked-then-taken"
    /// What a rescue hands on stands behind everything else. Only the contract of stores finds it.
    case urgencyForgotten = "rescue-forgets-urgency"
    /// A send that is put back into its lane costs 1 from then on. Only the contract of stores finds it.
    case costForgotten = "put-back-forgets-cost"

    /// Those that runs find. The others are for the contract of stores.
    public static let ofRuns = allCases.filter { !$0.checkers.isEmpty }
}

extension PlantedBug {
    /// The checkers of the promise that the bug breaks: one of them must find it, all others look away.
    public var checkers: Set<String> {
        switch self {
        case .blindRetry, .unknownRequeued, .rescueResends, .wordHidden: ["proof-before-repeat"]
        case .generationIgnored, .adoptionUnchecked, .likenessIgnored: ["right-message"]
        case .receiptOrderTrusted, .deliveryHidden: ["nothing-after-delivery"]
        case .windowMovedByReplay, .windowIgnored: ["window-holds"]
        case .answeredBeforeCommit, .dedupeByIDOnly: ["durable-before-answer"]
        case .backoffUncapped: ["backoff-capped"]
        case .checkThenActRate: ["rate-holds"]
        case .checkThenActCampaign: ["campaign-rate-holds"]
        case .leaseByWorkerClock: ["database-clock-decides"]
        case .transportRepeats, .standbyLags: ["one-accept-per-intent"]
        case .optedOutGoesOn, .optOutAtEnqueueOnly: ["no-send-after-opt-out"]
        case .fenceMissing: ["fence-holds"]
        case .fenceIgnored: ["one-due-row-per-decision"]
        case .deadKeepLeases: ["dead-move-on"]
        case .beginLooksAway, .scopeIgnored: ["no-send-after-opt-out"]
        case .stopBindsEverybody: ["opt-out-binds-no-other"]
        case .pauseIgnored: ["pause-holds"]
        case .cursorBeforeBatch, .cursorByID: ["nothing-lost"]
        case .tickMarkedFirst, .bothHoursFired: ["one-firing"]
        case .budgetIgnoresWaiting: ["budget-holds"]
        case .quietBySenderZone: ["quiet-hours-hold"]
        case .capCheckedThenTaken: ["caps-hold"]
        case .urgencyForgotten, .costForgotten: []
        }
    }
}

extension PlantedBug {
    /// Switches on what the bug needs to show itself, so that it need not be waited for.
    func shape(_ plan: inout FaultPlan, _ workload: inout Workload) {
        switch self {
        case .backoffUncapped:
            (plan.rateLimited, plan.answersUnavailable, plan.rate) = (true, true, 20)
        case .checkThenActRate:
            (workload.smsRate, workload.workers) = (1, 3)
        case .checkThenActCampaign:
            (workload.campaignRates, workload.rateChanges) = ([1: 1, 2: 1], [])
            (workload.smsRate, workload.workers, workload.jobs) = (nil, 3, 14)
        case .receiptOrderTrusted:
            (plan.callbacksLate, plan.callbacksDoubled, plan.rate, workload.hasCallbacks) = (true, true, 20, true)
        case .fenceMissing:
            (plan.freezesWorkers, plan.isDatabaseSlow, plan.rate) = (true, true, 20)
        case .rescueResends:
            (plan.killsWorkers, plan.answersLost, plan.repliesSlow, plan.rate) = (true, true, true, 20)
        case .wordHidden:
            (plan.answersLost, plan.callbacksLate, plan.listingsLag, plan.rate) = (true, true, true, 20)
            (workload.smsRate, workload.hasCallbacks, workload.jobs) = (0.5, true, 14)
            (workload.configuration.timing.firstListing, workload.configuration.timing.listingSpacing) =
                (.seconds(1), .seconds(1))
        case .standbyLags:
            (plan.crashesDatabase, plan.failsOver) = (true, true)
        case .beginLooksAway:
            (plan.optOutStorm, plan.isDatabaseSlow, plan.freezesWorkers, plan.rate) = (true, true, true, 20)
        case .scopeIgnored:
            (plan.optOutStorm, workload.clubJobs, workload.clubWords, workload.jobs) = (true, 1, 1, 14)
        case .stopBindsEverybody:
            (plan.optOutStorm, workload.clubWords, workload.jobs) = (true, 1, 14)
        case .pauseIgnored:
            (plan.pausesCampaigns, plan.isDatabaseSlow, plan.freezesWorkers, plan.rate) = (true, true, true, 20)
        case .cursorBeforeBatch:
            (plan.losesCommits, plan.crashesDatabase, plan.rate) = (true, true, 20)
        case .budgetIgnoresWaiting:
            (workload.jobs, workload.smsRate) = (15, 0.5)
        case .quietBySenderZone:
            var random = SplitMix64(seed: UInt64(workload.jobs))
            (workload.quiet, workload.jobs) = (QuietSpan(&random), 14)
        case .capCheckedThenTaken:
            workload.cap = Workload.cap(most: 1, span: 200)
            (workload.phones, workload.jobs, workload.workers, plan.isDatabaseSlow, plan.rate) =
                (Array(workload.phones.prefix(1)), 14, 3, true, 20)
        case .cursorByID:
            (plan.longTransactions, workload.jobs) = (true, 14)
        case .tickMarkedFirst:
            (plan.killsWorkers, plan.crashesDatabase, plan.rate, workload.faultsEnd) = (true, true, 20, .seconds(150))
        case .bothHoursFired:
            workload.faultsEnd = .seconds(150)
        case .likenessIgnored:
            (plan.answersLost, plan.callbacksLost, plan.listingsHideTexts, plan.rate) = (true, true, true, 20)
            (workload.hasCallbacks, workload.jobs) = (false, 14)
        case .blindRetry, .generationIgnored, .unknownRequeued, .windowMovedByReplay, .answeredBeforeCommit,
            .dedupeByIDOnly, .leaseByWorkerClock, .transportRepeats, .deliveryHidden, .optedOutGoesOn,
            .optOutAtEnqueueOnly, .windowIgnored, .adoptionUnchecked, .fenceIgnored, .deadKeepLeases,
            .urgencyForgotten, .costForgotten:
            break
        }
    }
}

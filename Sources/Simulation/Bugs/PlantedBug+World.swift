import Delivery
import Worker

extension PlantedBug {
    /// Switches on what the bug needs to show itself, so that it need not be waited for.
    func shape(_ plan: inout FaultPlan, _ workload: inout Workload) {
        switch self {
        case .backoffUncapped:
            (plan.rateLimited, plan.answersUnavailable, plan.rate) = (true, true, 20)
        case .checkThenActRate:
            (workload.smsRate, workload.workers) = (1, 3)
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
        case .blindRetry, .generationIgnored, .unknownRequeued, .windowMovedByReplay, .answeredBeforeCommit,
            .dedupeByIDOnly, .leaseByWorkerClock, .transportRepeats, .deliveryHidden, .optedOutGoesOn,
            .optOutAtEnqueueOnly, .windowIgnored, .adoptionUnchecked, .fenceIgnored, .deadKeepLeases:
            break
        }
    }
}

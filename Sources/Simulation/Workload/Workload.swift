import Delivery
import Inbox
import JobQueue
import Worker

/// What one run is about: who asks for what, of whom, by which ladders.
struct Workload: Sendable {
    var workers: Int
    var jobs: Int
    var phones: [String]
    var mails: [String]
    var hasCallbacks: Bool
    var configuration: WorkerConfiguration
    /// When the faults end.
    var faultsEnd: Time
    var inboundCount = 0
    var inbound: [Arrival] = []
    var smsRate: Double?
    /// Messages a second of campaigns; those that are not there have no rate.
    var campaignRates: [Int: Double] = [:]
    /// Every which job is of the tenant "club", which has a number of its own, and every which word goes to that.
    var (clubJobs, clubWords) = (4, 3)
    /// Other rates that they get on the way.
    var rateChanges: [RateChange] = []
    /// Quiet hours; nil when there are none.
    var quiet: QuietSpan?
    /// How many messages may go to one address in a span; nil when any may.
    var cap: Cap?

    struct RateChange: Sendable {
        var at: Time
        var campaign: Int
        var rate: Double
    }

    /// The most a retry may wait beyond what the provider asked for.
    static let backoffCap = Duration.seconds(6)
    static let texts = ["Your code is 123456", "The parcel is on its way", String(repeating: "long ", count: 60)]

    init(_ random: inout SplitMix64) {
        workers = random.pick([1, 2, 2, 3])
        jobs = random.pick(2..<14)
        phones = (0..<random.pick(1..<5)).map { "+4860000000\($0)" }
        mails = (0..<random.pick(1..<3)).map { "person\($0)@example.com" }
        hasCallbacks = random.chance(85)
        faultsEnd = .seconds(random.pick([40, 90, 150]))
        smsRate = random.pick([nil, 1, 2, 3, 0.5])
        configuration = WorkerConfiguration(
            concurrency: random.pick([1, 3, 16]), batch: random.pick([1, 4, 200]),
            pollInterval: .milliseconds(random.pick([300, 1000, 2500])),
            timing: Timing(
                backoff: Backoff(base: .milliseconds(500), cap: Self.backoffCap),
                firstListing: .seconds(random.pick([3, 15])), listingSpacing: .seconds(random.pick([20, 75])),
                lastStepLimit: .seconds(300), firstPoll: hasCallbacks ? nil : .seconds(random.pick([2, 10]))),
            callbackBaseURL: hasCallbacks ? "https://hooks.example.com" : nil)
        (campaignRates, rateChanges) = Self.rates(random, until: faultsEnd)
        quiet = Self.quiet(random)
        cap = Self.cap(random)
    }

    /// Drawn beside the rest, too.
    private static func cap(_ random: SplitMix64) -> Cap? {
        var random = SplitMix64(seed: ~random.fork)
        guard random.chance(25) else { return nil }
        var cap = cap(most: random.pick(1..<4), span: random.pick([20, 60, 200]))
        cap.category = random.pick([nil, .otp, .transactional, .marketing])
        cap.channel = random.pick([nil, nil, .sms, .voice])
        cap.excess = random.pick([.skip, .postpone])
        return cap
    }

    static func cap(most: Int, span: Int) -> Cap {
        Cap(id: 1, name: "per-address", subject: .address, most: most, span: span)
    }

    /// Drawn beside the rest, too.
    private static func quiet(_ random: SplitMix64) -> QuietSpan? {
        var random = SplitMix64(seed: random.fork)
        return random.chance(30) ? QuietSpan(&random) : nil
    }

    /// Rates of campaigns. They are drawn beside the rest, so that a seed means what it meant before there were any.
    private static func rates(_ random: SplitMix64, until end: Time) -> ([Int: Double], [RateChange]) {
        var random = random
        let rates: [Int: Double] = random.pick([[:], [1: 1], [1: 0.5, 2: 2], [2: 3], [1: 2, 2: 1]])
        let changes = rates.filter { $0.value >= 1 }.keys.sorted().flatMap { campaign in
            (0..<random.pick(0..<4)).map { _ in
                RateChange(
                    at: Time(random.pick(0..<Int(end))), campaign: campaign, rate: random.pick([1, 2, 3, 5]))
            }
        }
        return (rates, changes)
    }

    func configuration(bug: PlantedBug?) -> WorkerConfiguration {
        var configuration = configuration
        if bug == .backoffUncapped {
            configuration.timing.backoff = Backoff(base: .seconds(2), cap: .seconds(100_000))
        }
        return configuration
    }

    static let ladders: [Ladder] = [
        Ladder(steps: [step(.sms, 20), step(.voice, 90), step(.email, 120)]),
        Ladder(steps: [step(.voice, 60), step(.sms, 30), step(.voice, 60), step(.email, 120)]),
        Ladder(steps: [step(.whatsapp, 30), step(.sms, 20), step(.voice, 90), step(.email, 120)]),
        Ladder(steps: [step(.sms, 8), step(.sms, 8), step(.whatsapp, 15)]),
        Ladder(steps: [step(.whatsapp, 40, success: .read), step(.email, 60)]),
        Ladder(steps: [
            step(.sms, 15, unknown: .end), step(.voice, 15, unknown: .hold), step(.sms, 60, unknown: .resend),
        ]),
        Ladder(steps: [step(.email, 30), step(.sms, 30, success: .sent)]),
        Ladder(steps: [step(.voice, 15, success: .voicemail), step(.sms, 20, success: .accepted)]),
    ]

    private static func step(
        _ channel: Channel, _ seconds: Int, success: SuccessLevel? = nil, unknown: UnknownPolicy? = nil
    ) -> LadderStep {
        LadderStep(
            channel: channel, wait: .seconds(seconds), success: success ?? (channel == .voice ? .answered : .delivered),
            maxAttempts: 5, onUnknown: unknown)
    }

    static let clubNumber = "+15005550006"

    var senders: [SenderRow] {
        [
            SenderRow(id: 1, channel: .sms, address: "+15005550001", rate: smsRate),
            SenderRow(id: 2, channel: .voice, address: "+15005550001", rate: nil),
            SenderRow(id: 3, channel: .whatsapp, address: "+15005550001", rate: nil),
            SenderRow(id: 4, channel: .email, address: "notice@example.com", rate: 5),
            SenderRow(id: 5, channel: .sms, address: "+15005550005", rate: smsRate),
            SenderRow(id: 6, channel: .sms, address: Self.clubNumber, rate: smsRate, tenant: "club"),
        ]
    }

    func content(of job: JobRow, on channel: Channel) -> JobContent {
        guard let template = job.template else {
            return JobContent(body: job.body, subject: channel == .email && job.ladderID == nil ? "News" : nil)
        }
        return JobContent(
            isTemplate: true, body: "Job {{id}}: \(Self.texts[template])", subject: channel == .email ? "News" : nil,
            contentSID: channel == .whatsapp && template > 0 ? "HX\(template)" : nil, contentVariables: ["id"],
            dataJSON: "{\"id\": \(job.id)}")
    }

    func segments(of job: JobRow) -> Int {
        job.body.map { SMSSegments($0).count } ?? 1
    }

    func errorClasses(bug: PlantedBug?) -> [String: [String: ErrorClass]] {
        var classes = Self.errorClasses
        if bug == .optedOutGoesOn { classes["twilio"]?["21610"] = ErrorClass(failure: .unreachable) }
        return classes
    }

    private static let errorClasses: [String: [String: ErrorClass]] = [
        "twilio": [
            "21610": ErrorClass(failure: .optedOut), "21211": ErrorClass(failure: .invalidAddress),
            "21215": ErrorClass(failure: .unroutable), "30003": ErrorClass(failure: .unreachable),
            "30005": ErrorClass(failure: .invalidAddress), "30006": ErrorClass(failure: .landline),
            "30007": ErrorClass(failure: .filtered), "63016": ErrorClass(failure: .windowClosed),
            "63003": ErrorClass(failure: .content), "21606": ErrorClass(failure: .wrongSender),
            "30022": ErrorClass(failure: .rateLimited, retryAfter: .seconds(3)),
            "30001": ErrorClass(failure: .rateLimited, retryAfter: .seconds(9)),
            "30610": ErrorClass(failure: .quietHours, retryAfter: .seconds(8)),
            "30004": ErrorClass(failure: .blocked), "30008": ErrorClass(failure: .uncertain),
        ],
        "twilio-voice": ["canceled": ErrorClass(failure: .expired)],
        "sendgrid": ["bounce": ErrorClass(failure: .invalidAddress)],
    ]
}

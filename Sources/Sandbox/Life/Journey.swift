/// The rest of one resource's life: what will happen to it, step by step.
struct Journey: Sendable {
    enum Resource: Sendable, Equatable {
        case message(sid: String)
        case call(sid: String)
        case mail(sid: String)
    }

    var resource: Resource
    var steps: ArraySlice<Step>
    var disturbance = Disturbance()
    /// Decides which callbacks a disturbance hits.
    var generator: SeededGenerator
    /// A callback kept back so that it arrives after a later one.
    var held: Callback? {
        get { heldCallback.first }
        set { heldCallback = newValue.map { [$0] } ?? [] }
    }
    // An array, because a callback holds the journey that follows it.
    private var heldCallback: [Callback] = []

    init(_ resource: Resource, steps: [Step], generator: SeededGenerator) {
        self.resource = resource
        self.steps = steps[...]
        self.generator = generator
    }
}

/// One thing that happens to a resource, `delay` unscaled seconds after the thing before it.
struct Step: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        case message(MessageStatus, errorCode: Int?)
        case call(CallEvent)
        case mail(MailNews)
        /// The person writes this back.
        case reply(body: String)
    }
    var delay: Double
    var change: Change
}

/// What happens on the telephone line.
enum CallEvent: Sendable, Equatable {
    case initiated
    case ringing
    case answered(by: String)
    /// The end, after `seconds` of conversation; `sipCode` is the line's last word.
    case ended(CallStatus, sipCode: Int, seconds: Int)
    /// The machine detection that runs beside the call reports.
    case detected(by: String)

    /// The name under which callbacks are asked for; `nil` for what is not a progress event.
    var subscription: String? {
        switch self {
        case .initiated: "initiated"
        case .ringing: "ringing"
        case .answered: "answered"
        case .ended: "completed"
        case .detected: nil
        }
    }
}

/// What goes wrong with a resource's callbacks.
struct Disturbance: Sendable, Equatable {
    var duplicates = false
    var reorders = false
    /// The share of callbacks that never leave, 0…1.
    var lostFraction = 0.0
}

/// The colour of a state. The word always stands beside it.
enum Tone {
    static func of(_ state: String) -> String {
        switch state {
        case "delivered": "good"
        case "exhausted", "held", "unknown", "expired": "bad"
        case "queued", "sending", "waiting": "busy"
        default: "quiet"
        }
    }
}

/// What one check of `outrider doctor` found, and what to do about it.
struct Finding: Encodable, Equatable {
    enum Verdict: String, Encodable {
        case fine
        /// Works, but somebody should look at it.
        case warning
        case failed
    }

    let check: String
    let verdict: Verdict
    let detail: String
    /// Empty when nothing is to be done.
    let remedy: String

    static func fine(_ check: String, _ detail: String) -> Finding {
        Finding(check: check, verdict: .fine, detail: detail, remedy: "")
    }

    static func warning(_ check: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(check: check, verdict: .warning, detail: detail, remedy: remedy)
    }

    static func failed(_ check: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(check: check, verdict: .failed, detail: detail, remedy: remedy)
    }

    var line: String {
        let mark =
            switch verdict {
            case .fine: "ok    "
            case .warning: "look  "
            case .failed: "FAILED"
            }
        return "\(mark)  \(check): \(detail)" + (remedy.isEmpty ? "" : "\n          → \(remedy)")
    }
}

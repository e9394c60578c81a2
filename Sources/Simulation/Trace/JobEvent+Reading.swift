import Delivery

/// What checkers and the simulated statements ask of an event.
extension JobEvent {
    var isIntent: Bool {
        if case .intent = self { true } else { false }
    }

    /// The secret of an intent.
    var token: String? {
        if case .intent(let token) = self { token } else { nil }
    }

    var answer: Answer? {
        if case .answered(let answer) = self { answer } else { nil }
    }

    var isAcceptance: Bool {
        if case .answered(.accepted) = self { true } else { false }
    }

    var receipt: Receipt? {
        if case .receipt(let receipt) = self { receipt } else { nil }
    }

    var isHold: Bool {
        if case .held = self { true } else { false }
    }

    var isRelease: Bool {
        if case .released = self { true } else { false }
    }

    /// The code of a refusal or of a failure.
    var providerCode: String? {
        switch self {
        case .answered(.refused(let code, _, _, _)): code
        case .receipt(let receipt): receipt.code
        default: nil
        }
    }
}

extension JobEvent.Receipt {
    var level: SuccessLevel? {
        if case .reached(let level) = finding { level } else { nil }
    }
}

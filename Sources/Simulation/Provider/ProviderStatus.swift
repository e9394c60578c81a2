import Delivery
import Inbox
import Providers

/// A provider's word for where a message stands, with what a callback or a poll makes of it.
enum ProviderStatus: Sendable, Hashable {
    case queued, sent, delivered, read, ringing, answered, machine
    case failed(word: String, code: String)

    var isOver: Bool {
        switch self {
        case .queued, .sent, .ringing: false
        case .delivered, .read, .answered, .machine, .failed: true
        }
    }

    var isFailure: Bool {
        switch self {
        case .failed, .machine: true
        case .queued, .sent, .delivered, .read, .ringing, .answered: false
        }
    }

    /// As the real module reads it from a callback or a polled resource.
    func receipt(_ id: String, on channel: Channel) -> Receipt {
        let table: CodeTable = channel == .email ? .sendgrid : channel == .voice ? .twilioVoice : .twilio
        func reached(_ level: SuccessLevel) -> Receipt {
            Receipt(
                status: level.rawValue, fact: .reached(level), codeTable: table, defaultClass: .unknown, providerID: id)
        }
        switch self {
        case .queued, .ringing:
            return Receipt(
                status: "\(self)", fact: .progress, codeTable: table, defaultClass: .unknown, providerID: id)
        case .sent: return reached(.sent)
        case .delivered: return reached(.delivered)
        case .read: return reached(.read)
        case .answered: return reached(.answered)
        case .machine: return reached(.voicemail)
        case .failed(let word, let code):
            let isCallStatus = channel == .voice
            return Receipt(
                status: isCallStatus ? word : "\(word) \(code)", fact: .failed, code: code, codeTable: table,
                failureClass: code == "busy" || code == "no-answer" ? .noAnswer : nil,
                defaultClass: .unreachable, providerID: id)
        }
    }

    /// As the gateway stores a callback about `wire`.
    func arrival(_ id: String, about wire: Wire) -> ReceiptArrival {
        let receipt = receipt(id, on: wire.channel)
        var level: SuccessLevel?
        if case .reached(let reached) = receipt.fact { level = reached }
        let isFailure = receipt.fact == .failed
        return ReceiptArrival(
            jobID: wire.jobID, generation: wire.generation, token: wire.token, status: receipt.status,
            provider: receipt.codeTable.rawValue, level: level, code: receipt.code,
            failureClass: receipt.failureClass, defaultClass: isFailure ? receipt.defaultClass : nil, providerID: id,
            channel: wire.channel, needsDecision: receipt.needsDecision)
    }
}

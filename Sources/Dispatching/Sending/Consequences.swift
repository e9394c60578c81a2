import Delivery
import JobQueue
import Providers

/// What a provider's word means beyond its job: for the address, or for the sender.
struct Consequences {
    enum Cause {
        /// With the provider's code.
        case failure(FailureClass, code: String)
        case suppression(SuppressionReason)
    }

    let job: ClaimedJob
    /// How long a sender that the provider refuses is left alone.
    let pause: Duration

    /// The record with what `causes` mean for others. A suppression by its reason says more than a failure by its class.
    func adding(_ causes: [Cause], to record: Record) -> Record {
        var record = record
        for case .failure(let failure, let code) in causes { add(failure, code: code, to: &record) }
        for case .suppression(let reason) in causes {
            record.suppression = suppression(of: [job.channel], reason: reason.rawValue, because: "reported on")
        }
        return record
    }

    private func add(_ failure: FailureClass, code: String, to record: inout Record) {
        if failure == .optedOut {
            let channels =
                job.channel.isPhone ? Channel.phoneChannels.sorted { $0.rawValue < $1.rawValue } : [job.channel]
            record.suppression = suppression(of: channels, reason: "provider \(code)", because: "refused")
        }
        if failure == .configuration, let sender = job.sender {
            record.pause = .init(
                senderID: sender.id, duration: pause,
                reason: "\(job.channel.provider.rawValue) answered \(code) to job \(job.id)")
        }
    }

    private func suppression(of channels: [Channel], reason: String, because verb: String) -> Record.Suppression? {
        job.address.map { address in
            .init(
                address: address, channels: channels, reason: reason,
                source: "\(job.channel.provider.rawValue) \(verb) job \(job.id)")
        }
    }
}

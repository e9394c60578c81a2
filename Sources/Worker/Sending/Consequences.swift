import Delivery
import JobQueue
import Providers

/// What a provider's word means beyond its job: for the address, or for the sender.
struct Consequences {
    enum Cause {
        /// With the provider's code. On the job's present channel, when nil.
        case failure(FailureClass, code: String, on: Channel? = nil)
        /// Told of the mail that left at an instant, by the provider's id of it.
        case suppression(SuppressionReason, providerID: String?, sentAt: Instant)
    }

    let job: ClaimedJob
    /// How long a sender that the provider refuses is left alone.
    let pause: Duration

    /// The record with what `causes` mean for others. A suppression by its reason says more than a failure by its class.
    func adding(_ causes: [Cause], to record: Record) -> Record {
        var record = record
        for case .failure(let failure, let code, let channel) in causes {
            add(failure, code: code, on: channel ?? job.channel, to: &record)
        }
        for case .suppression(let reason, let id, let sentAt) in causes {
            let source = (["sendgrid"] + [id].compactMap(\.self)).joined(separator: " ")
            // The logs do not say when: a mail may be asked about long after an operator allowed its address again.
            suppress([.email], reason: reason.rawValue, source: source, at: sentAt, in: &record)
        }
        return record
    }

    private func add(_ failure: FailureClass, code: String, on channel: Channel, to record: inout Record) {
        let provider = channel.provider.rawValue
        if failure == .optedOut {
            let channels = channel.isPhone ? Channel.phoneChannels.sorted { $0.rawValue < $1.rawValue } : [channel]
            suppress(
                channels, reason: "provider \(code)", source: "\(provider) refused job \(job.id)", in: &record)
        }
        if failure == .configuration, channel == job.channel, let sender = job.sender {
            record.pause = .init(
                senderID: sender.id, duration: pause, reason: "\(provider) answered \(code) to job \(job.id)")
        }
    }

    /// The job's present address, if these channels reach it.
    private func suppress(
        _ channels: [Channel], reason: String, source: String, at instant: Instant? = nil, in record: inout Record
    ) {
        guard let address = job.address, channels.contains(job.channel) else { return }
        record.suppression = .init(address: address, channels: channels, reason: reason, source: source, at: instant)
    }
}

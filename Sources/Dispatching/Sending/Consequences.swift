import Delivery
import JobQueue
import Providers

/// What a failure says beyond its job: of the address, or of the sender.
struct Consequences {
    let job: ClaimedJob
    /// How long a sender that the provider refuses is left alone.
    let pause: Duration

    /// The record with what `failure` means for others.
    ///
    /// - Parameter code: the provider's code.
    func adding(_ failure: FailureClass, code: String, to record: Record) -> Record {
        var record = record
        let provider = job.channel.provider.rawValue
        if failure == .optedOut, let address = job.address {
            let channels =
                job.channel.isPhone ? Channel.phoneChannels.sorted { $0.rawValue < $1.rawValue } : [job.channel]
            record.suppression = .init(
                address: address, channels: channels, reason: "provider \(code)",
                source: "\(provider) refused job \(job.id)")
        }
        if failure == .configuration, let sender = job.sender {
            record.pause = .init(
                senderID: sender.id, duration: pause, reason: "\(provider) answered \(code) to job \(job.id)")
        }
        return record
    }
}

import Delivery
import JobQueue
import Providers
import Rendering

/// Makes the provider message of a claimed job.
struct MessageMaker: Sendable {
    var callbackBaseURL: String?
    var links: UnsubscribeLinks?
    let renderer = ContentRenderer()

    /// - Parameters:
    ///   - approved: whether the provider's approved template is to be used.
    ///   - now: by the database's clock; what is left until the job's deadline bounds what the provider may do.
    /// - Throws: `RenderError`.
    func message(
        for job: TakenJob, to address: String, from sender: TakenJob.Sender, token: String, approved: Bool, now: Instant
    ) throws(RenderError) -> OutboundMessage {
        let wait = job.ladder.steps[min(job.step, job.ladder.steps.count - 1)].wait
        let left = job.expiresAt.map(now.duration(to:))
        let leaving = UnsubscribeRequest(
            jobID: job.id, category: job.category, tenant: job.tenant, address: address)
        return OutboundMessage(
            jobID: job.id, generation: job.generation, token: token, channel: job.channel, to: address,
            sender: MessageSender(address: sender.address, displayName: sender.displayName),
            content: try renderer.render(job.content, for: job.channel, approved: approved),
            validity: left.map { min(wait, $0) } ?? wait, timeLeft: left, category: job.category, locale: job.locale,
            callbackBaseURL: callbackBaseURL,
            unsubscribe: callbackBaseURL.flatMap { links?.way(out: leaving, by: job.channel, at: $0) })
    }
}

import Delivery
import JobQueue
import Providers

/// Makes the provider message of a claimed job.
struct MessageMaker: Sendable {
    var callbackBaseURL: String?
    let renderer = ContentRenderer()

    /// - Parameter approved: whether the provider's approved template is to be used.
    /// - Throws: `RenderError`.
    func message(
        for job: TakenJob, to address: String, from sender: TakenJob.Sender, token: String, approved: Bool
    ) throws(RenderError) -> OutboundMessage {
        OutboundMessage(
            jobID: job.id, generation: job.generation, token: token, channel: job.channel, to: address,
            sender: MessageSender(address: sender.address, displayName: sender.displayName),
            content: try renderer.render(job.content, for: job.channel, approved: approved),
            validity: job.ladder.steps[min(job.step, job.ladder.steps.count - 1)].wait, category: job.category,
            locale: job.locale, callbackBaseURL: callbackBaseURL)
    }
}

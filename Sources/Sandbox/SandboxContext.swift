import Hummingbird
import Logging
import NIOCore

/// A request's context that can also cut its connection, which faults need.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Closes the connection without another byte.
    let hangUp: @Sendable () -> Void

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        let channel = source.channel
        hangUp = { channel.close(promise: nil) }
    }
}

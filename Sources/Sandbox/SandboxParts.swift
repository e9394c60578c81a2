import Hummingbird
import Logging
import NIOCore
import Signing

/// The sandbox put together around one world, apart from the network.
struct SandboxParts {
    let world: SandboxWorld
    let pump: CallbackPump
    let router: Router<SandboxContext>

    init(
        configuration: SandboxConfiguration, signingKey: ECDSAPrivateKey, publicKey: String,
        poster: any CallbackPoster
    ) throws {
        let doorbell = Doorbell()
        world = SandboxWorld(configuration: configuration, signingKey: signingKey, doorbell: doorbell)
        pump = CallbackPump(world: world, poster: poster, doorbell: doorbell)
        let ledgerFile = try configuration.ledgerPath.map { try LedgerFile(path: $0) }
        let responder = Responder(world: world, ledgerFile: ledgerFile, poster: poster)
        router = Router(context: SandboxContext.self)
        router.add(middleware: RefusalMiddleware(world: world))
        TwilioRoutes(configuration: configuration, world: world, responder: responder).add(to: router)
        VerifyRoutes(configuration: configuration, world: world, responder: responder).add(to: router)
        SendGridRoutes(configuration: configuration, world: world, responder: responder).add(to: router)
        ControlRoutes(world: world, publicKey: publicKey).add(to: router)
    }
}

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

import Hummingbird
import Signing

/// The sandbox put together around one simulation, apart from the network.
struct SandboxParts {
    let simulation: Simulation
    let pump: CallbackPump
    let router: Router<SandboxContext>

    init(
        configuration: SandboxConfiguration, signingKey: ECDSAPrivateKey, publicKey: String,
        poster: any CallbackPoster
    ) throws {
        let doorbell = Doorbell()
        simulation = Simulation(configuration: configuration, signingKey: signingKey, doorbell: doorbell)
        pump = CallbackPump(simulation: simulation, poster: poster, doorbell: doorbell)
        let ledgerFile = try configuration.ledgerPath.map { try LedgerFile(path: $0) }
        let responder = Responder(simulation: simulation, ledgerFile: ledgerFile, poster: poster)
        router = Router(context: SandboxContext.self)
        router.add(middleware: RefusalMiddleware(simulation: simulation))
        TwilioRoutes(configuration: configuration, simulation: simulation, responder: responder).add(to: router)
        VerifyRoutes(configuration: configuration, simulation: simulation, responder: responder).add(to: router)
        SendGridRoutes(configuration: configuration, simulation: simulation, responder: responder).add(to: router)
        ControlRoutes(simulation: simulation, publicKey: publicKey).add(to: router)
    }
}

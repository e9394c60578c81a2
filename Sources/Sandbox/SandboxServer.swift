import HTTPServing
import HTTPTransport
import Hummingbird
public import Logging
public import ServiceLifecycle
public import Signing

/// A simulated Twilio and SendGrid: their APIs in, their webhooks out.
///
/// Requests are answered in the providers' own shapes, then each accepted one lives on: callbacks, signed as the real
/// ones are, tell of its fate, which its address decides. Nothing ever leaves for a real phone or mailbox.
public struct SandboxServer: Service {
    private let configuration: SandboxConfiguration
    private let logger: Logger
    private let signingKey: ECDSAPrivateKey
    private let onReady: @Sendable (_ port: Int) async -> Void

    /// The key that verifies the signature of event batches: base64 of its DER SubjectPublicKeyInfo, as SendGrid's
    /// settings show it.
    public let sendGridPublicKey: String

    /// - Parameter onReady: called once the server takes requests, with the port it listens on.
    /// - Throws: `SigningError` when no signing key can be made.
    public init(
        configuration: SandboxConfiguration, logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(SigningError) {
        if let key = configuration.sendGridSigningKey { signingKey = key } else { signingKey = try .generate() }
        sendGridPublicKey = try signingKey.publicKeyDERBase64
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves until graceful shutdown. Callbacks still due then are dropped.
    /// - Throws: when the port cannot be bound or the ledger cannot be opened.
    public func run() async throws {
        let transport = try HTTPTransport()
        let poster = HTTPPoster(transport: transport)
        do {
            try await serve(poster: poster)
        } catch {
            await transport.close()
            throw error
        }
        await transport.close()
    }

    private func serve(poster: any CallbackPoster) async throws {
        let parts = try SandboxParts(
            configuration: configuration, signingKey: signingKey, publicKey: sendGridPublicKey, poster: poster)
        let logger = logger
        let onReady = onReady
        let application = Application(
            router: parts.router,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "outrider-sandbox"),
            services: [parts.pump],
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("sandbox is ready", metadata: ["server.port": "\(port)"])
                await onReady(port)
            },
            logger: logger)
        try await ListenError.naming(host: configuration.host, port: configuration.port) {
            try await application.run()
        }
    }
}

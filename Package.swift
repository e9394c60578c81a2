// swift-tools-version: 6.2
import PackageDescription

/// Settings every Swift target shares. Each upcoming feature names its proposal.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .strictMemorySafety(),  // SE-0458: every pointer use is spelled `unsafe`
    .treatAllWarnings(as: .error),  // SE-0443
]

let package = Package(
    name: "outrider",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "outrider", targets: ["outrider"]),
        .executable(name: "outrider-sim", targets: ["outrider-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // C libraries: a module map and typed inline shims, nothing else.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // The pure domain, and the edges that touch C.
        .target(name: "Delivery", swiftSettings: settings),
        .target(name: "Threads", swiftSettings: settings),
        .target(name: "Postgres", dependencies: ["CLibPQ", "Threads"], swiftSettings: settings),
        .target(name: "HTTPTransport", dependencies: ["CLibCurl", "Threads"], swiftSettings: settings),
        .target(name: "Signing", dependencies: ["CLibCrypto"], swiftSettings: settings),

        // The SQL of sql/, compiled in.
        .target(name: "CSchema"),
        .target(name: "Schema", dependencies: ["CSchema", "Postgres"], swiftSettings: settings),

        // The queue, the providers; what comes in, what is shown, the worker. Each imports downward only.
        .target(name: "JobQueue", dependencies: ["Postgres", "Delivery", "Schema"], swiftSettings: settings),
        .target(name: "Providers", dependencies: ["Delivery", "HTTPTransport", "Signing"], swiftSettings: settings),
        .target(
            name: "Inbox", dependencies: ["JobQueue", "Providers", "Delivery", "Postgres", "Schema"],
            swiftSettings: settings),
        .target(name: "Insight", dependencies: ["Delivery", "Postgres", "Schema"], swiftSettings: settings),
        // What is said: templates filled with data, and what a campaign would say. For the worker and for the page.
        .target(
            name: "Rendering",
            dependencies: [
                "JobQueue", "Providers", "Delivery", .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: settings),
        .target(
            name: "Worker",
            dependencies: [
                "JobQueue", "Inbox", "Providers", "Rendering", "Delivery", "Postgres", "HTTPTransport", "Signing",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        // HTTP in, which must not import the worker; the simulated providers; the commands.
        .target(
            name: "HTTPServing",
            dependencies: ["Threads", .product(name: "Hummingbird", package: "hummingbird")], swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "Inbox", "Insight", "Providers", "Rendering", "JobQueue", "Delivery", "Postgres", "Signing",
                "HTTPServing",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "Sandbox",
            dependencies: [
                "Delivery", "HTTPTransport", "Signing", "HTTPServing",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "OutriderCLI",
            dependencies: [
                "Delivery", "Postgres", "HTTPTransport", "Signing", "JobQueue", "Providers", "Inbox", "Insight",
                "Rendering", "Worker",
                "Gateway", "Sandbox", "Schema", "Threads", "HTTPServing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "outrider", dependencies: ["OutriderCLI"], swiftSettings: settings),

        // The worker in a simulated world: one seed, one run.
        .target(
            name: "Simulation",
            dependencies: [
                "Worker", "Inbox", "JobQueue", "Providers", "Delivery", "Postgres",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "outrider-sim",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),

        // A real PostgreSQL for the tests that need one.
        .target(
            name: "TestDatabase", dependencies: ["Postgres", "Schema"], path: "Tests/TestDatabase",
            swiftSettings: settings),

        // What must hold for any bytes: driven by the fuzzer, and over its corpus by the tests.
        .target(
            name: "FuzzProperties",
            dependencies: [
                "Delivery", "Rendering", "HTTPTransport", "JobQueue", "Providers", "Signing",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            path: "Tests/Fuzz/Properties", swiftSettings: settings),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzProperties"], path: "Tests/Fuzz/Tests", swiftSettings: settings),

        .testTarget(
            name: "DeliveryTests", dependencies: ["Delivery"], exclude: ["Consent/opt-out-corpus.txt"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "Threads", "TestDatabase"], swiftSettings: settings),
        .testTarget(
            name: "HTTPTransportTests", dependencies: ["HTTPTransport", "CLibCurl"], swiftSettings: settings),
        .testTarget(name: "SigningTests", dependencies: ["Signing"], swiftSettings: settings),
        .testTarget(
            name: "ProvidersTests", dependencies: ["Providers", "Delivery", "Signing", "HTTPTransport"],
            swiftSettings: settings),
        .testTarget(
            name: "JobQueueTests", dependencies: ["JobQueue", "Postgres", "Delivery", "Schema", "TestDatabase"],
            swiftSettings: settings),
        .testTarget(
            name: "SchemaTests",
            dependencies: [
                "Schema", "Worker", "JobQueue", "Inbox", "Insight", "Postgres", "Delivery", "Providers", "TestDatabase",
            ],
            exclude: ["Releases"], swiftSettings: settings),
        .testTarget(
            name: "InboxTests", dependencies: ["Inbox", "Insight", "Postgres", "Delivery", "TestDatabase"],
            swiftSettings: settings),
        .testTarget(
            name: "InsightTests", dependencies: ["Insight", "Postgres", "TestDatabase"], swiftSettings: settings),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Worker", "Inbox", "Insight", "JobQueue", "Postgres", "Delivery", "Providers", "Rendering", "Signing",
                "TestDatabase",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RenderingTests", dependencies: ["Rendering", "JobQueue", "Delivery", "Providers"],
            swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: settings),
        // What every store must do: the real one and the simulator's.
        .testTarget(
            name: "StoreContract", dependencies: ["JobQueue", "Simulation", "Delivery", "Postgres", "TestDatabase"],
            swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Inbox", "Insight", "Postgres", "Signing", "Providers", "Delivery", "Schema",
                "HTTPServing", "HTTPTransport", "TestDatabase",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "Delivery", "Signing", "Providers",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OutriderCLITests",
            dependencies: [
                "OutriderCLI", "Delivery", "Schema", "Postgres", "HTTPTransport", "Threads", "JobQueue", "Insight",
                "Providers", "Rendering", "Signing", "Sandbox", "TestDatabase",
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings the fuzzer's `main`, so it is only there when `ops/fuzz` asks for it.
if Context.environment["OUTRIDER_FUZZER"] != nil {
    package.targets.append(
        .executableTarget(
            name: "outrider-fuzz", dependencies: ["FuzzProperties"], path: "Tests/Fuzz/Fuzzer",
            swiftSettings: settings))
}

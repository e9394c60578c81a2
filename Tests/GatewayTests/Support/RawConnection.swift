import NIOCore
import NIOPosix
import Synchronization

/// A connection that sends what it is told to, whether or not it is HTTP.
final class RawConnection: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let text = Mutex("")
        let (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let part = unwrapInboundIn(data)
            text.withLock { $0 += String(buffer: part) }
            changed.yield()
        }

        func channelInactive(context: ChannelHandlerContext) { changed.finish() }
    }

    private let channel: any Channel
    private let collector: Collector

    init(port: Int) async throws {
        let collector = Collector()
        self.collector = collector
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in channel.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    /// Sends; a peer that has closed meanwhile is no error.
    func send(_ text: String) async { try? await channel.writeAndFlush(ByteBuffer(string: text)).get() }

    /// What came until the other end closed.
    func untilClosed() async -> String {
        for await _ in collector.changes {}
        return collector.text.withLock { $0 }
    }

    /// Whether `part` comes before the other end closes.
    func wait(for part: String) async -> Bool {
        repeat {
            if collector.text.withLock({ $0.contains(part) }) { return true }
        } while await collector.changes.first { _ in true } != nil
        return collector.text.withLock { $0.contains(part) }
    }

    var isOpen: Bool { channel.isActive }
}

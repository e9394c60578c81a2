import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection: closes it when it is late, and when an answer says so.
///
/// A request that is answered before all of it has come is the connection's last: nobody reads the rest. Its answer is
/// sent, the peer is given a moment to take it, and what the peer still sends is dropped unread.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a peer may take the last answer.
    private static let farewell = TimeAmount.seconds(2)

    private let limits: ServerLimits
    private let ledger: ConnectionLedger
    private var timer: Scheduled<Void>?
    private var unanswered = 0
    /// A head has come, and not yet the end of its request.
    private var isReading = false
    /// The answer under way is the last one.
    private var isLast = false
    /// The last answer is written.
    private var isClosing = false

    init(_ limits: ServerLimits, _ ledger: ConnectionLedger) {
        self.limits = limits
        self.ledger = ledger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        ledger.opened(context.channel)
        close(context, after: limits.firstHead)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        ledger.closed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isReading = true
            ledger.isReading(context.channel)
            close(context, after: limits.body)
        case .body(let part):
            ledger.add(part.readableBytes, context.channel)
        case .end:
            isReading = false
            ledger.isAnswering(context.channel)
            close(context, after: limits.answer)
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isClosing, case .inputClosed = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isReading { head.headerFields[.connection] = "close" }
            isLast = isLast || head.headerFields[.connection]?.lowercased() == "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            guard isLast else {
                context.write(data, promise: promise)
                return next(context)
            }
            sayFarewell(context, data, promise)
        }
    }

    /// An answer is written, and the connection stays.
    private func next(_ context: ChannelHandlerContext) {
        if unanswered == 0 {
            ledger.isIdle(context.channel)
            close(context, after: limits.idle)
        } else if !isReading {
            close(context, after: limits.answer)
        }
    }

    private func sayFarewell(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        isClosing = true
        ledger.isLeaving(context.channel)
        close(context, after: Self.farewell)
        let written = promise ?? context.eventLoop.makePromise()
        let isUnread = isReading
        written.futureResult.assumeIsolated().whenComplete { _ in
            // To close with something unread would reset the connection, and the peer might lose the answer.
            context.close(mode: isUnread ? .output : .all, promise: nil)
        }
        context.writeAndFlush(data, promise: written)
    }

    private func close(_ context: ChannelHandlerContext, after time: TimeAmount) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            if !isClosing { ledger.closesLate() }
            context.close(promise: nil)
        }
    }
}

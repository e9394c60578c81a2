import CLibCurl
import Testing

@testable import HTTPTransport

@Suite("From libcurl's result to a statement about the provider")
struct TransferFactsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var code: UInt32
        var notSent: NotSent.Reason
        var unknown: UnknownSend.Reason

        init(_ code: UInt32, _ notSent: NotSent.Reason, _ unknown: UnknownSend.Reason) {
            self.code = code
            self.notSent = notSent
            self.unknown = unknown
        }

        var testDescription: String { "\(code)" }
    }

    /// Every result code of libcurl-errors(3), by number; those that are missing are unused there.
    static let rows: [Row] =
        [
            Row(1, .invalidRequest, .unreadableReply), Row(2, .localFailure, .localFailure),
            Row(3, .invalidRequest, .unreadableReply), Row(4, .invalidRequest, .unreadableReply),
            Row(5, .resolve, .connectionLost), Row(6, .resolve, .connectionLost), Row(7, .connect, .connectionLost),
            Row(8, .connectionLost, .unreadableReply), Row(9, .connectionLost, .unreadableReply),
            Row(16, .connectionLost, .connectionLost), Row(18, .connectionLost, .connectionLost),
            Row(21, .connectionLost, .unreadableReply), Row(22, .connectionLost, .unreadableReply),
            Row(23, .connectionLost, .replyTooLarge), Row(25, .connectionLost, .unreadableReply),
            Row(26, .localFailure, .localFailure), Row(27, .localFailure, .localFailure),
            Row(28, .timedOut, .timedOut), Row(33, .connectionLost, .unreadableReply),
            Row(34, .connectionLost, .unreadableReply), Row(35, .tls, .connectionLost),
            Row(36, .connectionLost, .unreadableReply), Row(37, .localFailure, .localFailure),
            Row(41, .localFailure, .localFailure), Row(42, .localFailure, .localFailure),
            Row(43, .invalidRequest, .unreadableReply), Row(45, .connect, .connectionLost),
            Row(47, .connectionLost, .unreadableReply), Row(48, .invalidRequest, .unreadableReply),
            Row(49, .invalidRequest, .unreadableReply), Row(52, .connectionLost, .connectionLost),
            Row(53, .localFailure, .localFailure), Row(54, .localFailure, .localFailure),
            Row(55, .connectionLost, .connectionLost), Row(56, .connectionLost, .connectionLost),
            Row(58, .localFailure, .localFailure), Row(59, .tls, .connectionLost), Row(60, .tls, .connectionLost),
            Row(61, .connectionLost, .unreadableReply), Row(63, .connectionLost, .replyTooLarge),
            Row(64, .tls, .connectionLost), Row(65, .connectionLost, .connectionLost),
            Row(66, .localFailure, .localFailure), Row(67, .connectionLost, .unreadableReply),
            Row(70, .connectionLost, .unreadableReply), Row(73, .connectionLost, .unreadableReply),
            Row(77, .localFailure, .localFailure), Row(78, .connectionLost, .unreadableReply),
            Row(80, .connectionLost, .connectionLost), Row(81, .connectionLost, .connectionLost),
            Row(82, .localFailure, .localFailure), Row(83, .tls, .connectionLost),
            Row(88, .connectionLost, .unreadableReply), Row(89, .connect, .connectionLost),
            Row(90, .tls, .connectionLost), Row(91, .tls, .connectionLost),
            Row(92, .connectionLost, .connectionLost), Row(93, .localFailure, .localFailure),
            Row(94, .connectionLost, .unreadableReply), Row(95, .connectionLost, .connectionLost),
            Row(96, .connectionLost, .connectionLost), Row(97, .connect, .connectionLost),
            Row(98, .tls, .connectionLost), Row(99, .connectionLost, .connectionLost),
        ]
        // Codes of protocols that are switched off.
        + [10, 11, 12, 13, 14, 15, 17, 19, 30, 31, 38, 39, 68, 69, 71, 72, 74, 79, 84, 85, 86, 87].map {
            Row($0, .localFailure, .localFailure)
        }

    /// Numbers libcurl 7.88 defines as obsolete or leaves to old versions.
    static let unused: Set<UInt32> = [20, 24, 29, 32, 40, 44, 46, 50, 51, 57, 62, 75, 76]

    @Test("every code, before and after bytes left", arguments: rows)
    func everyCode(_ row: Row) {
        let code = CURLcode(rawValue: row.code)
        let raw = Int32(row.code)
        let held = TransferFacts(hasBody: true, headBytesSent: 200, bodyBytesSent: 0)
        #expect(held.classify(code) == .notSent(NotSent(reason: row.notSent, curlCode: raw)))
        let left = TransferFacts(hasBody: true, headBytesSent: 200, bodyBytesSent: 1, status: 201)
        #expect(
            left.classify(code)
                == .unknown(UnknownSend(reason: row.unknown, curlCode: raw, status: 201, bodyBytesSent: 1)))
    }

    @Test("no code of this libcurl is missing from the table")
    func tableIsComplete() {
        let listed = Set(Self.rows.map(\.code))
        #expect(listed.count == Self.rows.count)
        for raw in 1..<CURL_LAST.rawValue {
            #expect(listed.contains(raw) != Self.unused.contains(raw), "code \(raw)")
            #expect((TransferFault(CURLcode(rawValue: raw)) != nil) == listed.contains(raw), "code \(raw)")
        }
    }

    @Test("a code of a later libcurl is unknown once bytes left")
    func laterCode() {
        let left = TransferFacts(hasBody: true, headBytesSent: 1, bodyBytesSent: 1)
        #expect(
            left.classify(CURLcode(rawValue: 4_711))
                == .unknown(UnknownSend(reason: .localFailure, curlCode: 4_711, bodyBytesSent: 1)))
    }

    @Test("without a body, the head is the request")
    func withoutBody() {
        let held = TransferFacts(hasBody: false, headBytesSent: 0, bodyBytesSent: 0)
        #expect(held.classify(CURLE_RECV_ERROR) == .notSent(NotSent(reason: .connectionLost, curlCode: 56)))
        let left = TransferFacts(hasBody: false, headBytesSent: 1, bodyBytesSent: 0)
        #expect(left.classify(CURLE_RECV_ERROR) == .unknown(UnknownSend(reason: .connectionLost, curlCode: 56)))
    }

    @Test("our own refusal is the reason, but never of something that left")
    func refusal() {
        var facts = TransferFacts(hasBody: true, headBytesSent: 200, bodyBytesSent: 0, refusal: .fencePassed)
        #expect(
            facts.classify(CURLE_ABORTED_BY_CALLBACK) == .notSent(NotSent(reason: .fencePassed, curlCode: 42)))
        facts.bodyBytesSent = 1
        #expect(
            facts.classify(CURLE_ABORTED_BY_CALLBACK)
                == .unknown(UnknownSend(reason: .localFailure, curlCode: 42, bodyBytesSent: 1)))
    }

    @Test("success without a status line is no answer")
    func noStatus() {
        var facts = TransferFacts(hasBody: true, headBytesSent: 200, bodyBytesSent: 5)
        #expect(facts.classify(CURLE_OK) == .unknown(UnknownSend(reason: .unreadableReply, bodyBytesSent: 5)))
        facts.status = 500
        #expect(facts.classify(CURLE_OK) == .answered)
    }

    @Test("cancelled: not sent before the body, unknown after")
    func cancelled() {
        var facts = TransferFacts(hasBody: true, headBytesSent: 200, bodyBytesSent: 0)
        #expect(facts.classifyCancelled() == .notSent(NotSent(reason: .cancelled)))
        facts.bodyBytesSent = 1
        #expect(facts.classifyCancelled() == .unknown(UnknownSend(reason: .cancelled, bodyBytesSent: 1)))
    }
}

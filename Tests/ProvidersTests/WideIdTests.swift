import Delivery
import Foundation
import HTTPTransport
import Providers
import Signing
import Testing

/// Ids carry the number of their database's shard in their upper bits: shard 31 ends right below 2^53.
@Suite("Ids of every shard")
struct WideIdTests {
    private static let ids = [1, (31 << 48) + 1, (1 << 53) - 1]

    private static func message(_ channel: Channel, job: Int) -> OutboundMessage {
        var message = outbound(channel)
        message.jobID = job
        return message
    }

    @Test("a callback URL brings an id back as it was", arguments: [Channel.sms, .whatsapp, .voice], ids)
    func callback(channel: Channel, id: Int) throws {
        let sent = try form(of: try requests.send(Self.message(channel, job: id), notAfter: nil))
        let url = try #require(sent["StatusCallback"])
        let query = try #require(url.split(separator: "?").last?.split(separator: "#").first)
        let parameters = try FormParameters(parsing: Array(query.utf8))
        let callback =
            channel == .voice
            ? try TwilioWebhooks.readVoice(form: ["CallSid": callSID, "CallStatus": "completed"], query: parameters)
            : try TwilioWebhooks.readStatus(
                form: ["MessageSid": messageSID, "MessageStatus": "delivered"], query: parameters)
        #expect(callback.jobID == id)
    }

    @Test("a mail's arguments bring an id back as it was, whether as text or as a number", arguments: ids)
    func mail(id: Int) throws {
        let body = try requests.send(Self.message(.email, job: id), notAfter: nil).body
        let request = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        let person = try #require((request["personalizations"] as? [[String: Any]])?.first)
        let arguments = try #require(person["custom_args"] as? [String: Any])
        let name = try #require(arguments.first { $0.value as? String == String(id) }?.key)
        for value in ["\"\(id)\"", "\(id)"] {
            let event = #"[{"event": "delivered", "email": "ann@example.com", "\#(name)": \#(value)}]"#
            #expect(try SendGridWebhooks.read(body: Array(event.utf8)).first?.jobID == id)
        }
    }
}

import Delivery
import Foundation
import HTTPTransport
import Providers

/// Bytes 1 to 8: when; 9 to 12: how much later it was listed; then the text. A listing that shows a message finds it, and
/// one that shows something else does not: the first would lose, the second double it.
func checkListings(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let begun = WireTime(input.int64())
    // The whole seconds of the year 1970 and 9999 are left out: what is earlier or later than them has no date.
    guard (31_536_000...253_370_764_800).contains(begun.secondsSinceEpoch) else { return }
    let lag = Int64(input.byte()) * 10 - 300
    let text = input.text()
    let begunAt = Instant(microseconds: begun.secondsSinceEpoch * 1_000_000)
    for var listing in [Listing.sms(text), .mail(text)] {
        listing.created = WireTime(begun.secondsSinceEpoch + lag)
        try require(listing.read(begunAt) == listing.id, "\(listing.channel) is not found in its own listing")
        try require(listing.read(begunAt, excluding: [listing.id]) == nil, "another attempt's message is found")
        for change in listing.changes {
            var other = listing
            other.members.merge(change) { $1 }
            try require(other.read(begunAt) == nil, "found one with another \(change.keys)")
        }
        listing.created = WireTime(begun.secondsSinceEpoch - 301)
        try require(listing.read(begunAt) == nil, "found one that is older")
    }
    var trial = Listing.sms(text)
    trial.created = begun
    trial.members["body"] = "Sent from your Twilio trial account - " + text
    try require(trial.read(begunAt) == trial.id, "a trial account's sentence hides the message")
}

/// One message, and the provider's listing with one entry.
private struct Listing {
    let channel: Channel
    let content: MessageContent
    let id: String
    var members: [String: String]
    /// Each makes it another message.
    let changes: [[String: String]]
    var created = WireTime(0)

    static func sms(_ text: String) -> Listing {
        Listing(
            channel: .sms, content: .text(text), id: "SM5",
            members: [
                "sid": "SM5", "to": "+15005550001", "from": "+15005550006", "direction": "outbound-api", "body": text,
                "status": "sent",
            ],
            changes: [
                ["to": "+15005550002"], ["from": "+15005550007"], ["direction": "inbound"], ["sid": "-"],
                ["body": text + "zz9"],
            ])
    }

    static func mail(_ subject: String) -> Listing {
        Listing(
            channel: .email, content: .email(subject: subject, text: "Hi", html: nil), id: "m5",
            members: [
                "sg_message_id": "m5.f", "to_email": "A@example.com", "from_email": "b@example.com",
                "subject": subject, "status": "delivered",
            ],
            changes: [
                ["to_email": "c@example.com"], ["from_email": "c@example.com"], ["subject": subject + "."],
                ["sg_message_id": ""],
            ])
    }

    /// The id that is found.
    func read(_ begunAt: Instant, excluding: Set<String> = []) -> String? {
        var members = members
        members[channel == .sms ? "date_created" : "sg_message_id_created_at"] =
            channel == .sms ? created.rfc2822 : created.iso8601
        let body = try? JSONEncoder().encode(["messages": [members]])
        let message = OutboundMessage(
            jobID: 1, generation: 1, token: "t", channel: channel,
            to: channel == .sms ? "+15005550001" : "a@example.com",
            sender: MessageSender(address: channel == .sms ? "+15005550006" : "b@example.com"), content: content,
            validity: .seconds(60), category: .otp)
        let reading = ProviderRequests(twilio: nil, sendGrid: nil).readListing(
            .answered(ServerReply(status: 200, headers: [], body: [UInt8](body ?? Data()))), matching: message,
            begunAt: begunAt, excluding: excluding)
        guard case .found(let id, _, _) = reading else { return nil }
        return id
    }
}

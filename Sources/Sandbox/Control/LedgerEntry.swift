import Delivery
import Foundation
import Signing

/// One accepted provider request: what a real provider would have on its bill.
struct LedgerEntry: Sendable {
    enum Kind: String, Sendable {
        case sms, whatsapp, voice, verify, email
    }
    /// Counts accepted requests from 1.
    var number: Int
    var time: Date
    var kind: Kind
    var sid: String
    var to: String
    var from: String?
    var body: String
    var statusCallback: String?
    /// The request's own fields, as they arrived.
    var fields: JSON

    var json: JSON {
        [
            "number": .integer(number),
            "time": .string(time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "kind": .string(kind.rawValue),
            "sid": .string(sid),
            "to": .string(to),
            "from": .optional(from),
            "body": .string(body),
            "body_sha256": .string(sha256(Array(body.utf8)).hexEncoded),
            "status_callback": .optional(statusCallback),
            "fields": fields,
        ]
    }
}

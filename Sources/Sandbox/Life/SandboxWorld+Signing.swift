import Delivery
import Foundation
import Signing

extension SandboxWorld {
    /// A form request to the customer, signed over the URL without its fragment.
    func signedForm(
        _ parameters: [(name: String, value: String)], to address: String, method: String = "POST"
    ) -> Callback {
        let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var url = String(parts[0])
        let policy = parts.count > 1 ? RetryPolicy(fragment: parts[1]) : RetryPolicy()
        let form = FormParameters(parameters)
        var signed = parameters
        if method == "GET" {
            // The fields travel in the query, which the signed URL holds already.
            url += (url.contains("?") ? "&" : "?") + form.encoded()
            signed = []
        }
        let signature = TwilioSignature.sign(url: url, parameters: signed, authToken: configuration.authToken)
        var request = CallbackRequest(
            url: url, method: method,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("User-Agent", "TwilioProxy/1.1"), ("Accept", "*/*"), ("X-Twilio-Signature", signature),
                ("I-Twilio-Idempotency-Token", UUID().uuidString.lowercased()),
            ],
            body: method == "GET" ? [] : Array(form.encoded().utf8))
        request.connectTimeout = .milliseconds(policy.connectTimeout)
        request.totalTimeout = .milliseconds(policy.totalTimeout)
        return Callback(request: request, retries: policy)
    }

    /// A batch of mail events, signed over the timestamp and the raw body.
    func signedBatch(_ events: [JSON], to url: String) -> Callback? {
        // Real batches end with a line break, and it is signed.
        let body = Array((JSON.array(events).text + "\r\n").utf8)
        let timestamp = String(Int(Date().timeIntervalSince1970))
        guard let signature = try? SendGridSignature.sign(timestamp: timestamp, body: body, privateKey: signingKey)
        else { return nil }
        let request = CallbackRequest(
            url: url,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "SendGrid Event API"),
                ("X-Twilio-Email-Event-Webhook-Signature", signature),
                ("X-Twilio-Email-Event-Webhook-Timestamp", timestamp),
            ], body: body)
        return Callback(request: request, retries: .eventBatch)
    }
}

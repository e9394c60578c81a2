import Testing

/// One event batch as SendGrid would have sent it, and whether SendGrid's own library accepts it.
struct SendGridVector: Sendable, CustomTestStringConvertible {
    var name: String
    var publicKey = testPublicKey
    var timestamp: String
    var payload: String
    var signature: String
    var isValid: Bool

    var testDescription: String { name }
}

extension SendGridVector {
    /// For tests only; it signs nothing outside them.
    static let testPrivateKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZjyGeyc+mFuvPn90
        WbxgrJxeEb+/tzZ5S2oRgbtRDEKhRANCAAStjGQcwwtO/eb4cYaiZ39qRH2yPY0s
        mvvctsI9jIi2H05vkgmdc6ZnjF+xopCCL4GqqwzSPXvjkUdotkNuX+uT
        -----END PRIVATE KEY-----
        """
    static let testPublicKey =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErYxkHMMLTv3m+HGGomd/akR9sj2NLJr73LbCPYyIth9Ob5IJnXOmZ4xfsaKQgi+BqqsM0j1745FHaLZDbl/rkw=="

    /// Made and judged with SendGrid's official Python library 6.12.5.
    static let all: [SendGridVector] = [
        // trailing CRLF is part of the signed body
        SendGridVector(
            name: "delivered-single",
            timestamp: "1700000000",
            payload:
                "[{\"email\":\"alice@example.com\",\"timestamp\":1700000000,\"smtp-id\":\"<14c5d75ce93.dfd.64b469@ismtpd-555>\",\"event\":\"delivered\",\"category\":[\"alerts\"],\"sg_event_id\":\"ZGVsaXZlcmVkLTAtMQ\",\"sg_message_id\":\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\",\"response\":\"250 OK\",\"job_id\":\"job-1\"}]\r\n",
            signature:
                "MEUCIQCJYQ3/ehogBymgmjAWoG1EUF184q9JxH1gW09FWASQbAIgf72H78cwa5m3kD3R0Lacpmii28Okm6mej8uy/14PEgM=",
            isValid: true),
        // empty batch
        SendGridVector(
            name: "empty-array",
            timestamp: "1700000999",
            payload: "[]",
            signature:
                "MEQCIAmRS3WlbMyX8bK8ZJHTVKJCV3iaJF5cqYX67i+aLnECAiAVZ3E3e8HqxHV3MUIrECu5jfgY2pcLqhQJ0sRP7f6H5w==",
            isValid: true),
        // From the unit tests of the official library.
        SendGridVector(
            name: "official-unit-test",
            publicKey:
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
            timestamp: "1600112502",
            payload:
                "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n",
            signature:
                "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
            isValid: true),
        // timestamp changed
        SendGridVector(
            name: "neg-timestamp",
            timestamp: "1700000001",
            payload:
                "[{\"email\":\"alice@example.com\",\"timestamp\":1700000000,\"smtp-id\":\"<14c5d75ce93.dfd.64b469@ismtpd-555>\",\"event\":\"delivered\",\"category\":[\"alerts\"],\"sg_event_id\":\"ZGVsaXZlcmVkLTAtMQ\",\"sg_message_id\":\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\",\"response\":\"250 OK\",\"job_id\":\"job-1\"}]\r\n",
            signature:
                "MEUCIQCJYQ3/ehogBymgmjAWoG1EUF184q9JxH1gW09FWASQbAIgf72H78cwa5m3kD3R0Lacpmii28Okm6mej8uy/14PEgM=",
            isValid: false),
        // JSON re-serialised
        SendGridVector(
            name: "neg-reserialised",
            timestamp: "1700000000",
            payload:
                "[{\"email\": \"alice@example.com\", \"timestamp\": 1700000000, \"smtp-id\": \"<14c5d75ce93.dfd.64b469@ismtpd-555>\", \"event\": \"delivered\", \"category\": [\"alerts\"], \"sg_event_id\": \"ZGVsaXZlcmVkLTAtMQ\", \"sg_message_id\": \"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\", \"response\": \"250 OK\", \"job_id\": \"job-1\"}]\r\n",
            signature:
                "MEUCIQCJYQ3/ehogBymgmjAWoG1EUF184q9JxH1gW09FWASQbAIgf72H78cwa5m3kD3R0Lacpmii28Okm6mej8uy/14PEgM=",
            isValid: false),
    ]
}

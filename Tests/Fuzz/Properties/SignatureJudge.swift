import Signing

/// Outrider's side of the comparison with the official validator, `ops/fuzz --compare`.
public enum SignatureJudge {
    /// - Parameter line: URL, form body and header in hexadecimal, separated by spaces; `-` for nothing.
    /// - Returns: `malformed`, or the signature of this very URL and whether the header is a valid one of it.
    public static func judge(_ line: String) -> String {
        let fields = line.split(separator: " ").map { $0 == "-" ? [] : [UInt8](hex: String($0)) ?? [] }
        guard fields.count == 3, let form = try? FormParameters(parsing: fields[1]) else { return "malformed" }
        let url = String(decoding: fields[0], as: UTF8.self)
        let header = String(decoding: fields[2], as: UTF8.self)
        let signature = TwilioSignature.sign(url: url, parameters: form.pairs, authToken: token)
        let isValid = TwilioSignature.validates(header: header, url: url, form: form.pairs, authTokens: [token])
        return "\(signature) \(isValid ? "valid" : "invalid")"
    }

    private static let token = "12345"
}

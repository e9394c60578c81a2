import Delivery

/// `GET /v2/PhoneNumbers/{number}` of Lookup v2: formatting for free, line type and risk when they are asked for.
enum Lookup {
    static func json(number: String, fields: String?, fates: PhoneFates, baseURL: String) -> JSON {
        let normalized = DialedNumber.normalized(number)
        let isNorthAmerican = normalized?.hasPrefix("+1") ?? false
        let wanted = Set((fields ?? "").split(separator: ",").map(String.init))
        let type =
            switch (fates.line, fates.sms) {
            case (.voip, _): "nonFixedVoip"
            case (_, .landline): "landline"
            case (.ordinary, _), (.risky, _): "mobile"
            }
        let isRisky = fates.line == .risky
        let lineType: JSON = [
            "type": .string(type), "carrier_name": "Sandbox", "mobile_country_code": .null,
            "mobile_network_code": .null,
            "error_code": .null,
        ]
        let risk: JSON = [
            "carrier_risk_category": isRisky ? "high" : "low", "number_blocked": false, "number_blocked_date": .null,
            "number_blocked_last_3_months": false, "sms_pumping_risk_score": isRisky ? 95 : 0, "error_code": .null,
        ]
        let has = { (name: String) in normalized != nil && wanted.contains(name) }
        return [
            "calling_country_code": isNorthAmerican ? "1" : .null,
            "country_code": isNorthAmerican ? "US" : .null,
            "phone_number": .string(normalized ?? number),
            "national_format": .optional(normalized.map(DialedNumber.national)),
            "valid": .bool(normalized != nil),
            "validation_errors": normalized == nil ? [.string(problem(with: number))] : .null,
            "caller_name": .null,
            "sim_swap": .null,
            "call_forwarding": .null,
            "line_status": .null,
            "line_type_intelligence": has("line_type_intelligence") ? lineType : .null,
            "identity_match": .null,
            "reassigned_number": .null,
            "sms_pumping_risk": has("sms_pumping_risk") ? risk : .null,
            "phone_number_quality_score": .null,
            "pre_fill": .null,
            "url": .string("\(baseURL)/v2/PhoneNumbers/\(number)"),
        ]
    }

    private static func problem(with number: String) -> String {
        let digits = number.dropFirst()
        guard number.hasPrefix("+"), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return "NOT_A_NUMBER"
        }
        return digits.count < 11 ? "TOO_SHORT" : "TOO_LONG"
    }
}

extension SandboxWorld {
    /// What Lookup says of a number, and how: one that is throttled, slow or unknown for texts is so here.
    func lookUp(
        _ number: String, fields: String?, baseURL: String, path: String
    ) throws -> (reply: JSON, manner: ReplyManner) {
        var manner = try strike(path: path, to: number, provider: .twilio)
        let fates = fates(of: number)
        switch fates.sms {
        case .throttled: try throttle("lookup", number, provider: .twilio)
        case .slow: manner.delay += scaled(3)
        case .outcomeUnknown: manner.mishap = manner.mishap ?? .serverError
        case .delivered, .unreachable, .landline, .silent, .filtered, .invalid, .optedOut: break
        }
        return (Lookup.json(number: number, fields: fields, fates: fates, baseURL: baseURL), manner)
    }
}

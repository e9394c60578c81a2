/// `GET /v2/PhoneNumbers/{number}` of Lookup v2: formatting for free, line type when it is asked for.
enum Lookup {
    static func json(number: String, fields: String?, fates: PhoneFates, baseURL: String) -> OrderedJSON {
        let normalized = DialedNumber.normalized(number)
        let isNorthAmerican = normalized?.hasPrefix("+1") ?? false
        let wanted = Set((fields ?? "").split(separator: ",").map(String.init))
        let type = fates.sms == .landline ? "landline" : "mobile"
        let lineType: OrderedJSON = [
            "type": .string(type), "carrier_name": "Sandbox", "mobile_country_code": nil, "mobile_network_code": nil,
            "error_code": nil,
        ]
        let risk: OrderedJSON = [
            "carrier_risk_category": "low", "number_blocked": false, "number_blocked_date": nil,
            "number_blocked_last_3_months": false, "sms_pumping_risk_score": 0, "error_code": nil,
        ]
        let has = { (name: String) in normalized != nil && wanted.contains(name) }
        return [
            "calling_country_code": isNorthAmerican ? "1" : nil,
            "country_code": isNorthAmerican ? "US" : nil,
            "phone_number": .string(normalized ?? number),
            "national_format": .optional(normalized.map(DialedNumber.national)),
            "valid": .bool(normalized != nil),
            "validation_errors": normalized == nil ? [.string(problem(with: number))] : nil,
            "caller_name": nil,
            "sim_swap": nil,
            "call_forwarding": nil,
            "line_status": nil,
            "line_type_intelligence": has("line_type_intelligence") ? lineType : nil,
            "identity_match": nil,
            "reassigned_number": nil,
            "sms_pumping_risk": has("sms_pumping_risk") ? risk : nil,
            "phone_number_quality_score": nil,
            "pre_fill": nil,
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

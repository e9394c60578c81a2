/// Counts the SMS segments of a body: GSM-7 packs 160 septets (153 when concatenated), UCS-2 70 units (67).
enum MessageSegments {
    private static let basic = Set<Unicode.Scalar>(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            + "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
    private static let extended = Set<Unicode.Scalar>("^{}\\[~]|€\u{0c}".unicodeScalars)

    static func count(_ body: String) -> Int {
        var septets: [Int] = []
        for scalar in body.unicodeScalars {
            if basic.contains(scalar) {
                septets.append(1)
            } else if extended.contains(scalar) {
                septets.append(2)
            } else {
                return packed(body.unicodeScalars.map { UTF16.width($0) }, single: 70, each: 67)
            }
        }
        return packed(septets, single: 160, each: 153)
    }

    /// Segments needed when no character may be split over two of them.
    private static func packed(_ widths: [Int], single: Int, each: Int) -> Int {
        guard widths.reduce(0, +) > single else { return 1 }
        var (segments, used) = (1, 0)
        for width in widths {
            if used + width > each { (segments, used) = (segments + 1, 0) }
            used += width
        }
        return segments
    }
}

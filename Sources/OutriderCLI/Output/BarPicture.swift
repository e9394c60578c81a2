/// Counts as bars, the longest one `width` characters, every count above 0 at least one.
struct BarPicture {
    let counts: [(label: String, count: Int)]
    var width = 40

    var text: String {
        let largest = counts.map(\.count).max() ?? 0
        let labelWidth = counts.map(\.label.count).max() ?? 0
        return counts.map { label, count in
            let length = largest == 0 ? 0 : max(count > 0 ? 1 : 0, count * width / largest)
            let space = String(repeating: " ", count: labelWidth - label.count)
            return "\(label)\(space)  \(String(repeating: "█", count: length))\(length > 0 ? " " : "")\(count)"
        }.joined(separator: "\n")
    }
}

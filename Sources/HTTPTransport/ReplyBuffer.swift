/// Collects a reply within its bounds.
struct ReplyBuffer {
    /// Bounds the whole head; servers limit theirs to 8–16 KiB.
    static let maximumHeadBytes = 64 << 10

    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private var headBytes = 0
    private let maximumBodyBytes: Int

    init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes one line of the head. False when the head grows too large.
    mutating func appendHeadLine(_ line: [UInt8]) -> Bool {
        headBytes += line.count
        guard headBytes <= ReplyBuffer.maximumHeadBytes else { return false }
        // Each status line begins anew: an interim reply (1xx) comes before the final one.
        if line.starts(with: "HTTP/".utf8) { headers = [] }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return true }
        headers.append((text(line[..<colon]), text(line[(colon + 1)...])))
        return true
    }

    /// Takes a part of the body. False when the body grows too large.
    mutating func appendBody(_ part: some Collection<UInt8>) -> Bool {
        guard body.count + part.count <= maximumBodyBytes else { return false }
        body += part
        return true
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace = { (byte: UInt8) in byte == 32 || byte == 9 || byte == 13 || byte == 10 }
        let start = bytes.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(decoding: start[...end], as: UTF8.self)
    }
}

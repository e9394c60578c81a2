import Insight

/// Walks all jobs, then all messages of people, for one address, and says how far it is.
struct PersonWalk {
    let desk: PrivacyDesk
    let address: String
    /// Long walks are followed on standard error.
    let isShown: Bool

    /// - Parameter handle: takes the jobs of each part, and those of them that have not ended.
    func jobs(_ handle: ([Int], [Int]) async throws -> Void) async throws {
        var progress = LoadProgress(isShown: isShown, verb: "of the jobs looked at")
        var (next, looked): (Int?, Int) = (0, 0)
        while let after = next {
            let part = try await desk.jobs(of: address, after: after)
            try await handle(part.found, part.special)
            next = part.next
            looked += PrivacyDesk.part
            if next != nil { progress.show(looked) }
        }
    }

    /// - Parameter handle: takes the messages of each part, and those of them that are a STOP or START.
    func messages(_ handle: ([String], [String]) async throws -> Void) async throws {
        var next: String? = ""
        while let after = next {
            let part = try await desk.messages(of: address, after: after)
            try await handle(part.found, part.special)
            next = part.next
        }
    }
}

extension Collection {
    /// In pieces of as many as one call takes.
    func batches(of size: Int = PrivacyDesk.batch) -> [SubSequence] {
        var pieces: [SubSequence] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

import FuzzProperties

/// Changes inputs in small ways, the same ways in every run.
struct Mutation {
    var random: SeededGenerator

    /// One of `inputs` with one to four changes: a byte, a piece cut, doubled, or taken from another input.
    mutating func changed(_ inputs: [[UInt8]]) -> [UInt8] {
        guard var bytes = inputs.randomElement(using: &random), let other = inputs.randomElement(using: &random) else {
            return []
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: place...min(bytes.count, place + 16), using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.insert(.random(in: 0...255, using: &random), at: place)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.replaceSubrange(place..<end, with: other.prefix(end - place))
            }
        }
        return bytes
    }
}

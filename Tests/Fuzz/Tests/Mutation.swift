/// Changes inputs in small ways, the same ways in every run.
struct Mutation: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// One of `inputs` with one to four changes: a byte, a piece cut, doubled, or taken from another input.
    mutating func changed(_ inputs: [[UInt8]]) -> [UInt8] {
        guard var bytes = inputs.randomElement(using: &self), let other = inputs.randomElement(using: &self) else {
            return []
        }
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            let end = Int.random(in: place...min(bytes.count, place + 16), using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes.insert(.random(in: 0...255, using: &self), at: place)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.replaceSubrange(place..<end, with: other.prefix(end - place))
            }
        }
        return bytes
    }
}

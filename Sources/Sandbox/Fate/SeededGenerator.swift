/// SplitMix64: small, fast, and the same on every platform, so that one seed always tells the same story.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The stream of the `ordinal`-th request for `address`: independent of what other addresses do meanwhile.
    init(seed: UInt64, address: String, ordinal: Int) {
        // FNV-1a, because Swift's own hashing differs from run to run.
        let hash = address.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        state = seed ^ hash ^ (UInt64(ordinal) &* 0xd134_2543_de82_ef95)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

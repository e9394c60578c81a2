import JobQueue

/// What one worker remembers of the lanes: how far each is done, and what is left of each sender's window.
struct LaneBook {
    /// Looked at again every so often from this far before the floor, for rows that a rolled-back claim gave back.
    private static let sweepBack = 5 * 60 * 1_000_000

    private var watermarks: [Lane: Watermark] = [:]
    private var allowances: [Int: RateAllowance] = [:]
    private(set) var lanes: [Lane] = [.unserved]

    /// Takes over the present senders. A closed one has no lanes: nothing is claimed for it.
    mutating func update(_ senders: [SenderState]) {
        let open = senders.filter(\.isOpen)
        lanes = [.unserved] + open.flatMap { sender in (0..<4).map { Lane(sender: sender.id, priority: $0) } }
        for sender in senders {
            let fresh = sender.rate.map(RateAllowance.init(rate:))
            if allowances[sender.id]?.perWindow != fresh?.perWindow
                || allowances[sender.id]?.windowMilliseconds != fresh?.windowMilliseconds
            {
                allowances[sender.id] = fresh
            }
        }
        watermarks = watermarks.filter { lanes.contains($0.key) || $0.key == .wakes }
    }

    /// Where to look in each lane.
    func floors(sweeping: Bool) -> [(lane: Lane, floor: DueKey)] {
        lanes.map { ($0, floor(of: $0, sweeping: sweeping)) }
    }

    func floor(of lane: Lane, sweeping: Bool) -> DueKey {
        guard let watermark = watermarks[lane] else { return .start }
        return sweeping ? watermark.swept(back: Self.sweepBack) : watermark.floor
    }

    /// Forgets the floors: the next look goes over the whole index.
    mutating func forgetFloors() {
        watermarks = [:]
    }

    func allowance(for lane: Lane) -> RateAllowance? {
        allowances[lane.senderID]
    }

    /// Takes note of what a claim brought.
    mutating func claimed(_ claim: Claim, in lane: Lane) {
        var watermark = watermarks[lane] ?? Watermark()
        watermark.confirm(oldestTransaction: claim.oldestTransaction)
        if let key = claim.lastKey {
            watermark.claimed(key, nextTransaction: claim.nextTransaction)
        }
        watermarks[lane] = watermark
        if let slot = claim.wonSlot {
            allowances[lane.senderID]?.won(slot: slot)
        }
        allowances[lane.senderID]?.spend(claim.jobs.reduce(0) { $0 + $1.cost })
    }

    /// A message came out longer than was counted: its sender's next windows pay for it.
    mutating func owe(_ cost: Int, sender: Int) {
        allowances[sender]?.spend(cost)
    }
}

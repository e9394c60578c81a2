/// One start of a worker, as the world sees it.
struct WorkerProcess: Sendable {
    /// Counts the starts of all workers, from 0; its executor's number.
    var number: Int
    var isAlive = true
    var isFrozen = false
    /// How wrong its wall clock is. Only a planted bug reads it.
    var wallClockError: Time
}

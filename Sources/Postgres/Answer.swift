/// What a command gave back, copied out of libpq.
struct Answer: Sendable {
    let rows: [Row]
    let affectedRows: Int
    let commandTag: String

    init(_ result: consuming ResultSet) {
        rows = result.rows
        affectedRows = result.affectedRows
        commandTag = result.commandTag
    }
}

import Postgres

/// An INSERT into outrider.jobs that names only the columns that are given.
struct JobInsertion {
    let columns: [(name: String, value: Parameter)]

    /// Column names are ours, values are parameters.
    var statement: Statement {
        let names = columns.map(\.name)
        let places = columns.indices.map { "$\($0 + 1)" }
        return Statement(
            name: "enqueue",
            sql:
                "insert into outrider.jobs (\(names.joined(separator: ", "))) values (\(places.joined(separator: ", "))) returning id"
        )
    }

    var parameters: [Parameter] { columns.map(\.value) }
}

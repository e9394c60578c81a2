import CSchema
public import Postgres

/// The migrations of `sql/`, carried inside the program, so that a binary alone can migrate a database.
public enum Schema {
    /// All of them, in order of their numbers.
    public static let migrations: [Migration] = (0..<outrider_sql_file_count).map { index in
        let file = unsafe outrider_sql_file_at(index).pointee
        let (name, text) = unsafe (String(cString: file.name), String(cString: file.text))
        guard let migration = Migration(fileName: name, sql: text) else {
            preconditionFailure("an embedded file is not named like a migration")
        }
        return migration
    }
}

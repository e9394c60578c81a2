import CSchema
public import Postgres

/// The SQL of `sql/`, carried inside the program: a binary alone can migrate a database and work on it.
public enum Schema {
    /// All migrations, in order of their numbers.
    public static let migrations: [Migration] = (0..<outrider_sql_file_count).map { index in
        let file = unsafe outrider_sql_file_at(index).pointee
        let (name, text) = unsafe (String(cString: file.name), String(cString: file.text))
        guard let migration = Migration(fileName: name, sql: text) else {
            preconditionFailure("an embedded file is not named like a migration")
        }
        return migration
    }

    /// All statements of `sql/statements/`, by the names of their files without `.sql`.
    public static let statements: [String: Statement] = Dictionary(
        uniqueKeysWithValues: (0..<outrider_statement_file_count).map { index in
            let file = unsafe outrider_statement_file_at(index).pointee
            let (fileName, text) = unsafe (String(cString: file.name), String(cString: file.text))
            let name = String(fileName.dropLast(".sql".count))
            return (name, Statement(name: name, sql: withoutHead(text)))
        })

    /// The statement of `sql/statements/NAME.sql`. It is a mistake of the program to ask for a file that is not there.
    public static func statement(_ name: String) -> Statement {
        guard let statement = statements[name] else {
            preconditionFailure("sql/statements/\(name).sql is not listed in Sources/CSchema/statements.c")
        }
        return statement
    }

    /// Leaves out the comment at the head of a file. PostgreSQL shows an operator the first 1,024 bytes of what runs.
    private static func withoutHead(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { $0.hasPrefix("--") }.joined(separator: "\n")
    }
}

#ifndef OUTRIDER_CSCHEMA_H
#define OUTRIDER_CSCHEMA_H

// The files of sql/ and sql/statements/, compiled into the program by C23's #embed, which the compiler tracks as dependencies. A Swift array
// literal of the same bytes (SwiftPM's embedInCode) takes a minute to compile.

/// A file, NUL-terminated; lives as long as the program.
struct outrider_sql_file {
    const char *_Nonnull name;
    const unsigned char *_Nonnull text;
};

extern const int outrider_sql_file_count;

/// The file of sql/ at an index below `outrider_sql_file_count`, in order of file name.
const struct outrider_sql_file *_Nonnull outrider_sql_file_at(int index);

extern const int outrider_statement_file_count;

/// The file of sql/statements/ at an index below `outrider_statement_file_count`.
const struct outrider_sql_file *_Nonnull outrider_statement_file_at(int index);

#endif

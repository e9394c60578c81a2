#ifndef OUTRIDER_CLIBPQ_SHIM_H
#define OUTRIDER_CLIBPQ_SHIM_H

#include <libpq-fe.h>

// PG_DIAG_* are character-literal macros, which Swift does not import.

/// The five-character SQLSTATE of a failed result, or NULL when the failure is libpq's own.
static inline const char *pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

/// The primary message alone. DETAIL and CONTEXT may hold row values and are never asked for.
static inline const char *pq_message_primary(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

/// The name of the constraint that refused a row, or NULL.
static inline const char *pq_constraint_name(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

/// What to do about it, or NULL. Only that of a rule of Outrider's own is fit to be shown.
static inline const char *pq_hint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
}

/// Whether this is the server's last word: after FATAL and PANIC it closes the connection.
static inline int pq_is_fatal(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (severity[0] == 'F' || severity[0] == 'P');
}

#endif

-- The source of a run while its plan is made. These tables end with the connection.

CREATE TEMP TABLE IF NOT EXISTS source_rows (
    seq INTEGER PRIMARY KEY,
    place TEXT NOT NULL, -- file and line
    raw TEXT NOT NULL, -- JSON: the record
    wanted TEXT NOT NULL, -- JSON: the fields of the customer
    problem TEXT -- JSON: code, field, reason
);
DELETE FROM temp.source_rows;

-- Which customers a row may be.
CREATE TEMP TABLE IF NOT EXISTS matches (
    seq INTEGER NOT NULL,
    customer TEXT NOT NULL,
    PRIMARY KEY (seq, customer)
) WITHOUT ROWID;
DELETE FROM temp.matches;

-- Which rows a source replaces by later ones.
CREATE TEMP TABLE IF NOT EXISTS record_keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
DELETE FROM temp.record_keys;

-- What several rows have in common: a key, a slug or a customer.
CREATE TEMP TABLE IF NOT EXISTS shared (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    seq INTEGER NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (name, value, seq)
) WITHOUT ROWID;
DELETE FROM temp.shared;

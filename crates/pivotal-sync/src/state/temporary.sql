-- What a plan needs while it is made. These tables end with the connection.

-- Which records a source replaces by later ones.
CREATE TEMP TABLE IF NOT EXISTS record_keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
DELETE FROM temp.record_keys;

-- Which customers the records may be, and which match keys and slugs several records have.
CREATE TEMP TABLE IF NOT EXISTS shared (
    name TEXT NOT NULL, -- customer, or the field
    value TEXT NOT NULL,
    seq INTEGER NOT NULL, -- the record
    place TEXT, -- file and line; NULL: the filter leaves it out
    PRIMARY KEY (name, value, seq)
) WITHOUT ROWID;
DELETE FROM temp.shared;

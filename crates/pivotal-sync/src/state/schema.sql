-- The state of `pivotal import` and its relatives. Read it with any SQLite tool; let only the
-- command write to it.

-- The workspace that this file belongs to; one row.
CREATE TABLE workspace (id TEXT NOT NULL, slug TEXT NOT NULL);

-- The mirror. customers: all as of the last complete walk, and the changes of runs since.
CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    display_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    slug TEXT,
    domain TEXT,
    status TEXT NOT NULL,
    plan TEXT,
    mrr INTEGER, -- in cents
    monthly_orders INTEGER,
    hubspot_company_id TEXT,
    hubspot_deal_id TEXT,
    stripe_customer_id TEXT,
    intercom_company_id TEXT,
    slack_channel_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    raw TEXT NOT NULL -- the customer as JSON
);
-- Most customers have only some of the match keys.
CREATE INDEX customers_slug ON customers (slug) WHERE slug IS NOT NULL;
CREATE INDEX customers_domain ON customers (lower(domain)) WHERE lower(domain) IS NOT NULL;
CREATE INDEX customers_hubspot ON customers (hubspot_company_id) WHERE hubspot_company_id IS NOT NULL;
CREATE INDEX customers_stripe ON customers (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;

-- contacts and onboardings: as of their last complete walk (pivotal mirror --with), which `walks`
-- has; then also what runs have read of single customers and changed.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    display_id INTEGER NOT NULL,
    customer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    title TEXT,
    is_primary INTEGER NOT NULL, -- 0 or 1
    labels TEXT NOT NULL, -- JSON
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    raw TEXT NOT NULL -- the contact as JSON
);
CREATE INDEX contacts_customer ON contacts (customer_id, lower(email));

CREATE TABLE onboardings (
    id TEXT PRIMARY KEY,
    display_id INTEGER NOT NULL,
    customer_id TEXT NOT NULL,
    template_id TEXT,
    phase TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TEXT,
    completed_at TEXT,
    target_launch_date TEXT,
    csm_id TEXT,
    se_id TEXT,
    designer_id TEXT,
    product_ops_id TEXT,
    notes TEXT,
    waiting_on_customer INTEGER NOT NULL, -- 0 or 1
    waiting_on_customer_since TEXT,
    wizard_completed_at TEXT,
    reminder_email INTEGER NOT NULL, -- 0 or 1
    reminder_slack INTEGER NOT NULL, -- 0 or 1
    reminder_frequency_days INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    raw TEXT NOT NULL -- the onboarding as JSON
);
CREATE INDEX onboardings_customer ON onboardings (customer_id);

-- The deals for which a run has opened an onboarding. Only an undo removes them.
CREATE TABLE deals (
    deal TEXT PRIMARY KEY, -- column=value
    onboarding TEXT NOT NULL -- its ID
);
CREATE INDEX deals_onboarding ON deals (onboarding);

-- The rows of a walk that has not ended. They replace those of the mirror when it is complete.
CREATE TABLE incoming (id TEXT PRIMARY KEY, raw TEXT NOT NULL);

-- The customers whose contacts a walk reads.
CREATE TABLE scope (customer TEXT PRIMARY KEY) WITHOUT ROWID;

-- Every reading of a list: running, complete or broken.
CREATE TABLE walks (
    id INTEGER PRIMARY KEY,
    mirror TEXT NOT NULL, -- customers, contacts or onboardings
    customers INTEGER, -- of how many customers; NULL: of all
    state TEXT NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    started_at TEXT NOT NULL,
    ended_at TEXT
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, -- import or undo
    state TEXT NOT NULL, -- reading, planned, applying, complete, partial, failed or stopped
    exit_code INTEGER,
    reason TEXT,
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    match_keys TEXT NOT NULL, -- JSON
    columns TEXT NOT NULL DEFAULT '[]', -- JSON
    rows INTEGER NOT NULL DEFAULT 0, -- of the source
    is_part INTEGER NOT NULL DEFAULT 0, -- whether it is a file of records that an earlier run has not done
    incomplete TEXT, -- why the source was not read to its end
    singer_state TEXT, -- JSON: the last state of the Singer tap that is the source
    unidentified INTEGER NOT NULL DEFAULT 0, -- rows that may be any customer
    unchanged INTEGER NOT NULL DEFAULT 0, -- customers
    unchanged_contacts INTEGER NOT NULL DEFAULT 0,
    unchanged_onboardings INTEGER NOT NULL DEFAULT 0,
    mirror_rows INTEGER NOT NULL DEFAULT 0, -- when the plan was made
    undoes INTEGER,
    pruned INTEGER NOT NULL DEFAULT 0, -- whether its items are no longer kept
    started_at TEXT NOT NULL,
    ended_at TEXT
);

-- The records of the source that have items. After the run, only those that failed are kept.
CREATE TABLE records (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    raw TEXT NOT NULL, -- JSON
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- The plans, as they were made. Kept of the last runs only, as are their outcomes.
CREATE TABLE plans (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    first INTEGER NOT NULL, -- the same for all items of one customer, which are applied in order
    kind TEXT NOT NULL, -- customer, contact or onboarding
    action TEXT NOT NULL, -- create, update, delete, conflict, invalid or skipped
    row INTEGER, -- records.seq
    place TEXT NOT NULL DEFAULT '',
    id TEXT, -- of the row that changes
    customer TEXT, -- the ID of its customer
    label TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '', -- the match key or the deal, as field=value
    before TEXT, -- JSON: the fields that change; the row if it is deleted
    after TEXT, -- JSON: the fields as they will be
    code TEXT,
    field TEXT,
    reason TEXT,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE INDEX plans_deal ON plans (run, key) WHERE kind = 'onboarding';

-- The items that may have been sent, and of which nothing else is known.
CREATE TABLE sending (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    customer TEXT, -- its ID, if the run has created it
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- What became of items.
CREATE TABLE outcomes (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL, -- planned, sending, done, failed or skipped
    code TEXT,
    field TEXT,
    reason TEXT,
    sent TEXT NOT NULL, -- no, yes or unknown
    id TEXT, -- of the row
    customer TEXT, -- the ID of its customer
    result TEXT, -- JSON: the row after the change
    ended_at TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- What runs have written to customers and contacts last, also those whose plans are not kept: by it a
-- plan knows what somebody else has changed since.
CREATE TABLE written (
    id TEXT PRIMARY KEY, -- of the row
    fields TEXT NOT NULL -- JSON: of each field the value and the run
) WITHOUT ROWID;

-- The plans, with what became of them.
CREATE VIEW items AS
SELECT
    p.run, p.seq, p.first, p.kind, p.action, p.row, p.place,
    coalesce(o.id, p.id) AS id,
    coalesce(o.customer, s.customer, p.customer) AS customer,
    p.label, p.key, p.before, p.after,
    CASE
        WHEN s.seq IS NOT NULL THEN 'sending'
        WHEN o.seq IS NOT NULL THEN o.state
        WHEN p.action IN ('conflict', 'invalid') THEN 'failed'
        WHEN p.action = 'skipped' THEN 'skipped'
        ELSE 'planned'
    END AS state,
    coalesce(o.code, p.code) AS code,
    coalesce(o.field, p.field) AS field,
    coalesce(o.reason, p.reason) AS reason,
    CASE WHEN s.seq IS NOT NULL THEN 'unknown' ELSE coalesce(o.sent, 'no') END AS sent,
    o.result, o.ended_at
FROM plans p
LEFT JOIN sending s ON s.run = p.run AND s.seq = p.seq
LEFT JOIN outcomes o ON o.run = p.run AND o.seq = p.seq;

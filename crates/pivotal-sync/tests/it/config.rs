//! The configuration file.

use pivotal_sync::{Config, SourceOptions};

use crate::world::{mode, world};

fn error(text: &str) -> String {
    Config::parse(text).unwrap_err().to_string()
}

#[test]
fn errors_have_a_place_and_a_suggestion() {
    let cases = [
        (
            "[sync]\nmoed = \"create\"\n[fields]\nslug = \"s\"",
            "line 2, column 1",
            "\"mode\"",
        ),
        (
            "[sync]\nmode = \"upsret\"\n[fields]\nslug = \"s\"",
            "line 2, column 8",
            "\"upsert\"",
        ),
        (
            "[fields]\nslug = \"s\"\ndomian = \"d\"",
            "line 3, column 1",
            "\"domain\"",
        ),
        ("[fields]\nslug = { colum = \"s\" }", "line 2", "\"column\""),
        (
            "[fields]\nslug = { column = \"s\", transform = [\"slugg\"] }",
            "line 2",
            "\"slug\"",
        ),
        (
            "[fields]\nslug = 3",
            "line 2",
            "the name of a column, or a table",
        ),
        (
            "[sync]\nmatch = [\"domain\"]\n[fields]\nslug = \"s\"",
            "line 3, column 1: [fields] sets none",
            "`match`",
        ),
        (
            "[sync]\nmatch = []\n[fields]\nslug = \"s\"",
            "line 2, column 9: `match`",
            "is empty",
        ),
        (
            "[source]\ntype = \"singer\"\n[fields]\nslug = \"s\"",
            "line 1, column 1: [source]",
            "needs `stream`",
        ),
        (
            "[fields]\nslug = \"s\"\n[write_back]\nproperty = \"p\"",
            "line 4, column 12: [write_back]",
            "needs a source",
        ),
        (
            "[fields]\nslug = { constant = \"a\", column = \"b\" }",
            "`slug`",
            "not both",
        ),
        (
            "[fields]\nslug = \"s\"\nowner_id = { column = \"o\", map = \"owner\" }",
            "line 3",
            "or \"owners\"",
        ),
        (
            "[fields]\nslug = \"s\"\nowner_id = { column = \"o\", map = \"owners\" }",
            "line 3, column 34: field `owner_id`",
            "needs a section [owners]",
        ),
        (
            "[fields]\nslug = { column = \"s\", add_days = 3 }",
            "`slug`",
            "only for a date",
        ),
        (
            "[fields]\nslug = \"s\"\n[contacts]\nlst = \"c\"",
            "line 4, column 1",
            "\"list\"",
        ),
        (
            "[fields]\nslug = \"s\"\n[contacts.fields]\nname = \"n\"",
            "line 3, column 1: [contacts.fields]",
            "`email`",
        ),
        (
            "[fields]\nslug = \"s\"\n[onboarding]\nwhen = \"d\"\n[onboarding.fields]\nphse = \"p\"",
            "line 6, column 1",
            "\"phase\"",
        ),
        (
            "[fields]\nslug = \"s\"\nmrr = { constant = \"abc\" }",
            "line 3, column 20: field `mrr`",
            "\"abc\" is not a whole number",
        ),
        (
            "[fields]\nslug = \"s\"\n[fields.mrr]\ncolumn = \"m\"\ndefault = \"1.5\"",
            "line 5, column 11: field `mrr`",
            "\"1.5\" is not a whole number",
        ),
        (
            "[fields]\nslug = \"s\"\n[contacts.fields]\nemail = \"e\"\nis_primary = { column = \"p\", map = { a = \"often\" } }",
            "line 5, column 36: field `is_primary`",
            "\"often\" is not true or false",
        ),
        (
            "[fields]\nslug = \"s\"\n[onboarding]\nwhen = \"d\"\n[onboarding.fields]\ntarget_launch_date = { constant = \"soon\" }",
            "line 6, column 35: field `target_launch_date`",
            "\"soon\" is not a date",
        ),
        (
            "[source]\ntype = \"csv\"\n[fields]\nslug = \"s\"",
            "line 2, column 8",
            "write type = \"file\" and format = \"csv\"",
        ),
        (
            "[source]\ndelimiter = \"ü\"\n[fields]\nslug = \"s\"",
            "line 2, column 13: 'ü' cannot be the delimiter",
            "use an ASCII character",
        ),
        (
            "[source]\nencoding = \"utf-99\"\n[fields]\nslug = \"s\"",
            "line 2, column 12: the encoding \"utf-99\" is unknown",
            "",
        ),
        (
            "[source]\ntype = \"hubspot\"\napi_key = \"secret\"\n[fields]\nslug = \"s\"",
            "line 3, column 11: a key must not be in the configuration",
            "replace the key",
        ),
        (
            "[fields]\nslug = { column = \"s\", add_days = \"x\" }",
            "line 2, column",
            "a whole number of days",
        ),
        (
            "[fields]\nslug = \"s\"\n[filter]\nstage = 3",
            "line 4",
            "a text, or a list of texts",
        ),
    ];
    for (text, place, hint) in cases {
        let error = error(text);
        assert!(
            error.contains(place) && error.contains(hint),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_configuration_that_is_not_utf_8_has_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.toml");
    std::fs::write(&path, b"[fields]\nslug = \"\xe9\"\n").unwrap();
    let error = Config::read(&path).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "sync.toml: line 2, column 9: the text is not UTF-8; save the file as UTF-8"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn an_unknown_column_is_an_error_before_any_call() {
    let world = world(true).await;
    let written = Config::parse("[fields]\nname = \"Nmae\"\nslug = \"slug\"").unwrap();
    let related = Config::parse(
        "[fields]\nslug = \"slug\"\n[filter]\nstage = \"x\"\n[contacts.fields]\nemail = \"email\"\n[onboarding]\nwhen = \"deal\"",
    )
    .unwrap();
    let cases = [
        (
            &written,
            "name,slug\nA,a\n",
            "line 2, column 8: field `name`: the source has no column \"Nmae\" (did you mean \"name\"?)",
        ),
        (
            &mode("upsert"),
            "nmae,slug\nA,a\n",
            "(did you mean \"name\"?)",
        ),
        (&mode("upsert"), "name,mrr\nA,1\n", "recognized again"),
        (&related, "slug,emial,deal,stage\n", "\"emial\""),
        (
            &related,
            "slug,email,deel,stage\n",
            "line 8, column 8: `when` in [onboarding]",
        ),
        (&related, "slug,email,deal,sage\n", "[filter]"),
    ];
    for (config, source, hint) in cases {
        let error = world.plan(config, source).await.unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(hint), "{error}");
    }
    assert_eq!(world.sandbox.requests(), []);
}

#[tokio::test]
async fn values_are_mapped() {
    let config = Config::parse(
        r#"
        [sync]
        match = ["domain", "slug"]
        [fields]
        name = "Company"
        slug = { column = "Company", transform = ["slug"] }
        domain = { column = "Contact", transform = ["domain"] }
        mrr = { column = "Revenue", transform = ["cents"] }
        status = { column = "Stage", map = { Won = "active" }, default = "onboarding" }
        plan = { constant = "Growth" }
        "#,
    )
    .unwrap();
    let world = world(false).await;
    let source = "\
Company,Contact,Revenue,Stage,Other
 Aurora & Söhne GmbH ,https://www.Aurora.test:8080/about?x=1,99.5,Won,x
Borealis,Mira <mira@borealis.test>,1200,,x
Cumulus,mira@cumulus.test,0.07,,x
Deneb,,1.999,,x
Eos,,1,Lost,x
";
    let report = world.import(&config, source).await;
    assert_eq!(report.counts.invalid, 3);
    let rows = world.customers().await;
    let row = |index: usize| {
        let row = &rows[index];
        let [slug, domain] = [&row.slug, &row.domain].map(|text| text.clone().unwrap());
        (
            row.name.clone(),
            slug,
            domain,
            row.mrr,
            row.status.to_string(),
        )
    };
    let of = |name: &str, slug: &str, domain: &str, mrr, status: &str| {
        (
            name.to_owned(),
            slug.to_owned(),
            domain.to_owned(),
            Some(mrr),
            status.to_owned(),
        )
    };
    let aurora = of(
        "Aurora & Söhne GmbH",
        "aurora-s-hne-gmbh",
        "aurora.test",
        9_950,
        "active",
    );
    let mut found = [row(0), row(1)];
    found.sort();
    assert_eq!(
        found,
        [
            aurora,
            of("Cumulus", "cumulus", "cumulus.test", 7, "onboarding")
        ]
    );
    assert!(rows.iter().all(|row| row.plan.as_deref() == Some("Growth")));
}

#[test]
fn the_first_configuration_maps_similar_columns_and_can_be_read() {
    let columns = ["Company name", "Website", "MRR", "Stage \"x\""].map(str::to_owned);
    let mut options = SourceOptions::default();
    options.delimiter = Some(';');
    let text = pivotal_sync::init(&columns, &options);
    let config = Config::parse(&text).unwrap();
    let fields: Vec<_> = config.fields.keys().map(|field| field.name()).collect();
    assert_eq!(fields, ["name", "domain", "mrr"]);
    assert_eq!(config.source.delimiter, Some(';'));
    assert_eq!(config.source.encoding, None);
    let only_names = Config::parse(&pivotal_sync::init(
        &["Name".to_owned()],
        &SourceOptions::default(),
    ))
    .unwrap();
    assert_eq!(only_names.fields.len(), 2);
}

#[test]
fn the_example_of_the_guide_can_be_read() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/nightly-sync.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let (_, example) = guide.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let config = Config::parse(example).unwrap();
    assert_eq!(config.contacts.unwrap().fields.len(), 3);
    assert_eq!(config.onboarding.unwrap().fields.len(), 2);
}

#[tokio::test]
async fn dates_are_read_in_all_usual_forms() {
    let config = Config::parse(
        "[fields]\nslug = \"slug\"\nname = { column = \"date\", transform = [\"date\"] }",
    )
    .unwrap();
    let midnight = "2026-07-15T00:00:00Z";
    let cases = [
        ("2026-07-15", midnight),
        ("20260715", midnight),
        ("2026-07-15T02:00:00+02:00", midnight),
        ("2026-07-15 00:00:00", midnight),
        ("1784073600000", midnight),
        ("1784073600", midnight),
        ("2026-07-15T09:30:00.5Z", "2026-07-15T09:30:00.5Z"),
        ("2026", ""),
        ("15.7.2026", ""),
        ("99999999999999999999", ""),
        ("soon", ""),
    ];
    let rows = cases
        .iter()
        .enumerate()
        .map(|(row, (date, _))| format!("c-{row},{date}\n"));
    let source = rows.fold("slug,date\n".to_owned(), |text, row| text + &row);
    let world = world(true).await;
    let run = world.plan(&config, &source).await.unwrap();
    for (item, (date, expected)) in world.items(run).iter().zip(cases) {
        let found = item
            .after
            .as_ref()
            .map_or("", |after| after["name"].as_str().unwrap());
        assert_eq!(found, expected, "{date}");
        assert_eq!(item.code.is_some(), expected.is_empty(), "{date}");
    }
}

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
        ("[fields]\nname = \"n\"", "[fields] sets none", "`match`"),
        (
            "[fields]\nslug = { constant = \"a\", column = \"b\" }",
            "`slug`",
            "not both",
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

#[tokio::test]
async fn an_unknown_column_is_an_error_before_any_call() {
    let world = world(true).await;
    let written = Config::parse("[fields]\nname = \"Nmae\"\nslug = \"slug\"").unwrap();
    let cases = [
        (&written, "name,slug\nA,a\n", "(did you mean \"name\"?)"),
        (
            &mode("upsert"),
            "nmae,slug\nA,a\n",
            "(did you mean \"name\"?)",
        ),
        (&mode("upsert"), "name,mrr\nA,1\n", "recognized again"),
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

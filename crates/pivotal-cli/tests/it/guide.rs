//! The first-customer guide as the vendor's readers run it.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::running::{Served, shown};

const KEY: &str = "pivotal_test_guide";

#[test]
#[ignore = "needs Node.js 20 or newer"]
fn the_typescript_guide_prints_the_same_twice() {
    let server = Served::with_key(KEY);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/first-customer.ts");
    let run = || {
        let output = Command::new("node")
            .arg("--input-type=module")
            .stdin(File::open(&script).unwrap())
            .env("PIVOTAL_API_KEY", KEY)
            .env("PIVOTAL_BASE_URL", &server.base_url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        shown(&output)
    };
    let first = run();
    assert!(
        first.contains("Mira Chen") && first.contains("aurora-demo"),
        "{first}"
    );
    assert_eq!(run(), first);
}

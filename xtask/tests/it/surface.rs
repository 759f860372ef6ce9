//! The public Rust surface of the SDK and of the wire client, as text that a reviewer reads.

use std::collections::BTreeMap;
use std::fs;

use xtask::surface::{Kind, Surface};

use crate::workbench::repository;

const MEND: &str = "INSTA_UPDATE=always cargo test -p xtask --test it surface";

fn surface(krate: &str) -> Surface {
    let root = format!("crates/{krate}/src/lib.rs");
    let read = |path: &str| fs::read_to_string(repository().join(path)).ok();
    Surface::read(&root, &read).unwrap()
}

/// Compares with the committed snapshot; what differs is shown, and the command that takes it over.
fn assert_surface(name: &str, surface: &Surface) {
    insta::with_settings!({
        omit_expression => true,
        prepend_module_to_snapshot => false,
        description => format!("The public surface of {name}. After a change that is meant: {MEND}"),
    }, {
        insta::assert_snapshot!(name, surface);
    });
}

#[test]
fn the_surface_of_the_wire_client() {
    assert_surface("pivotal-api", &surface("pivotal-api"));
}

#[test]
fn the_surface_of_the_sdk() {
    assert_surface("pivotal-sdk", &surface("pivotal-sdk"));
}

#[test]
fn the_surface_of_the_runtime_as_far_as_the_sdk_shows_it() {
    let shown: Vec<String> = surface("pivotal-sdk")
        .items()
        .filter(|item| item.kind == Kind::Reexport)
        .filter_map(|item| {
            item.text
                .strip_prefix("pub use pivotal_runtime::")
                .map(str::to_owned)
        })
        .collect();
    assert!(shown.contains(&"RetryPolicy".to_owned()), "{shown:?}");
    let runtime = surface("pivotal-runtime").only(|path| {
        let owner = path.split(['.', ':', '<', '~']).next().unwrap_or(path);
        shown.iter().any(|name| name == owner)
    });
    assert_surface("pivotal-runtime", &runtime);
}

/// The surface of a crate of a few files.
fn surface_of(files: &[(&str, &str)]) -> String {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let read = |path: &str| files.get(path).map(|text| (*text).to_owned());
    Surface::read("src/lib.rs", &read).unwrap().to_string()
}

#[test]
fn a_surface_shows_what_the_outside_can_name_and_nothing_else() {
    let lib = r#"
        mod inner;
        pub mod open { pub use crate::inner::Shown as Seen; #[cfg(feature = "more")] pub mod more {} }
        pub use inner::{Shown, give};
        pub use other::Foreign;
        use std::fmt::{self, Display};
        #[doc(hidden)] pub fn hidden() {}
        fn private() {}
        pub trait Asks<T: Display>: Send { type Given; const SIZE: usize; fn ask(&self, of: T) -> fmt::Result; fn may(self) where Self: Sized {} }
        #[non_exhaustive] #[derive(Clone, Debug)] pub enum Kind { One, Two(u8, String), Three { at: i64 } }
        pub const LIMITS: &[&'static str] = &[];
        pub type Short<'a, T = u8> = Result<&'a mut T, Box<dyn std::error::Error + Send>>;
        impl From<Kind> for String { fn from(_: Kind) -> Self { String::new() } }
        macro_rules! getters { ($of:ident { $( $(#[$doc:meta])* $name:ident: $ty:ty ),* $(,)? }) => { impl $of { $( $(#[$doc])* pub fn $name(&self) -> &$ty { todo!() } )* } }; }
        getters!(Kind { /// The first.
            first: Vec<String>, second: [u8; 4], });
        #[cfg(test)] mod tests { pub struct Test; }
    "#;
    let inner = "
        use crate::Kind as Sort;
        pub struct Shown<T: ?Sized> { pub kind: Sort, pub(crate) crate_only: u8, private: Box<T> }
        pub struct Unreachable;
        impl<T: Clone> Shown<T> { pub async fn kind(mut self: Box<Self>, (a, b): (u8, super::inner::Sort)) -> impl Iterator<Item = Sort> + '_ { [] } fn private(&self) {} }
        impl Unreachable { pub fn nobody() {} }
        pub fn give<F>(with: F) where F: FnOnce(&str) -> bool + 'static {}
    ";
    insta::assert_snapshot!(surface_of(&[("src/lib.rs", lib), ("src/inner.rs", inner)]), @r#"
    pub trait Asks<T: Display>: Send
    pub type Asks::Given
    pub const Asks::SIZE: usize
    pub fn Asks::ask(&self, of: T) -> fmt::Result
    pub fn Asks::may(self) where Self: Sized (provided)
    pub use other::Foreign
    #[non_exhaustive] pub enum Kind
    pub Kind::One
    pub Kind::Three { at: i64 }
    pub Kind::Two(u8, String)
    pub fn Kind::first(&self) -> &Vec<String>
    pub fn Kind::second(&self) -> &[u8; 4]
    impl Clone + Debug for Kind
    pub const LIMITS: &[&'static str]
    pub type Short<'a, T = u8> = Result<&'a mut T, Box<dyn error::Error + Send>>
    pub struct Shown<T: ?Sized>
    pub Shown.kind: Kind
    pub async fn Shown<T>::kind(self: Box<Self>, (a, b): (u8, Kind)) -> impl Iterator<Item = Kind> + '_ [impl<T: Clone>]
    impl From<Kind> for String
    pub fn give<F>(with: F) where F: FnOnce(&str) -> bool + 'static
    pub mod open
    pub use Shown as open::Seen
    #[cfg(feature = "more")] pub mod open::more
    "#);
}

#[test]
fn a_surface_that_cannot_be_read_names_file_and_line() {
    let read = |path: &str| match path {
        "src/lib.rs" => Some("mod a;".to_owned()),
        "src/a.rs" => Some("fn f() {}\nfn {".to_owned()),
        _ => None,
    };
    let error = Surface::read("src/lib.rs", &read).unwrap_err();
    assert!(error.starts_with("src/a.rs: line 2: "), "{error}");
    let error = Surface::read("src/lib.rs", &|path| {
        (path == "src/lib.rs").then(|| "mod b;".to_owned())
    })
    .unwrap_err();
    assert_eq!(error, "src/lib.rs: no file for `mod b`");
    assert_eq!(
        Surface::read("src/none.rs", &|_| None).unwrap_err(),
        "src/none.rs: no such file"
    );
}

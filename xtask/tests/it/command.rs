//! The grammar of the command line and its exit codes.

use xtask::exit;

use crate::workbench::run;

#[test]
fn help_is_no_error() {
    for arguments in [
        &["--help"][..],
        &["codegen", "--help"],
        &["diff", "--help"],
        &["lower", "--help"],
        &["update", "--help"],
    ] {
        let output = run(arguments);
        assert_eq!(
            (output.code, output.err.as_str()),
            (i32::from(exit::CLEAN), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_unknown_argument_is_invalid_input() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["lower"],
        &["update"],
        &["codegen", "--no-such"],
    ] {
        let output = run(arguments);
        assert_eq!(
            (output.code, output.out.as_str()),
            (i32::from(exit::UNUSABLE_INPUT), ""),
            "{arguments:?}"
        );
        assert!(output.err.contains("Usage: cargo xtask"), "{}", output.err);
    }
}

#[test]
fn the_exit_codes_are_what_is_documented() {
    assert_eq!(
        [
            exit::CLEAN,
            exit::DRIFT,
            exit::UNUSABLE_INPUT,
            exit::BREAKING_CHANGE,
            exit::INTERNAL_ERROR
        ],
        [0, 1, 2, 3, 70]
    );
}

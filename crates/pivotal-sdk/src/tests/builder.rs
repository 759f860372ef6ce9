//! Building a client from environment variables.

use crate::builder::{API_KEY, BASE_URL, DEFAULT_BASE_URL};
use crate::{Client, ClientBuilder, KeyMode, Result};

fn from(variables: &'static [(&str, &str)]) -> Result<Client> {
    ClientBuilder::from_variables(|name| {
        let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
        Some(value.into())
    })?
    .build()
}

#[test]
fn the_environment_sets_api_key_and_base_url() {
    let variables = &[
        (API_KEY, "pivotal_test_x"),
        (BASE_URL, "http://127.0.0.1:4010/"),
    ];
    let client = from(variables).unwrap();
    assert_eq!(client.base_url().as_str(), "http://127.0.0.1:4010");
    assert_eq!(client.key_mode(), Some(KeyMode::Test));

    let client = from(&[(API_KEY, "pivotal_x"), (BASE_URL, "")]).unwrap();
    assert_eq!(client.base_url().as_str(), DEFAULT_BASE_URL);
}

#[test]
fn an_error_names_the_variable_and_not_its_value() {
    #[rustfmt::skip]
    let table: [(&'static [(&str, &str)], _, _); 4] = [
        (&[], API_KEY, "PIVOTAL_API_KEY is not set"),
        (&[(API_KEY, "")], API_KEY, "PIVOTAL_API_KEY is not set"),
        (&[(API_KEY, "pivotal_hunter2\n")], API_KEY, API_KEY),
        (&[(API_KEY, "k"), (BASE_URL, "http://hunter2.test")], BASE_URL, "https"),
    ];
    for (variables, field, part) in table {
        let error = from(variables).unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.field(), Some(field));
        let message = error.to_string();
        assert!(
            message.contains(part) && message.contains(field),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}

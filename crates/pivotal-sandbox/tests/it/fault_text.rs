//! Faults as text and as JSON.

use pivotal_sandbox::{Fault, FaultKind};

const KINDS_WITHOUT_VALUE: [&str; 17] = [
    "html-502",
    "reset-before-processing",
    "reset-after-processing",
    "reset-inside-body",
    "stall-before-processing",
    "stall-after-processing",
    "truncated-json",
    "malformed-json",
    "content-length-too-long",
    "content-length-too-short",
    "unknown-enum-value",
    "unknown-key",
    "key-revoked",
    "duplicate",
    "reorder",
    "wrong-signature",
    "old-timestamp",
];

#[test]
fn kinds_are_written_as_they_are_read() {
    let with_value = [
        "latency=200ms",
        "latency=0ms",
        "latency=2s",
        "latency=500us",
        "latency=1500001ns",
        "slow-drip=50ms",
        "clock-skew=-90s",
        "clock-skew=1500ms",
        "status=503",
        "status-after-processing=504",
        "rate-limited",
        "rate-limited=30",
        "missing-key",
        "missing-key=plan",
    ];
    for text in KINDS_WITHOUT_VALUE.into_iter().chain(with_value) {
        let kind: FaultKind = text.parse().unwrap();
        assert_eq!(kind.to_string(), text);
    }
}

#[test]
fn durations_have_a_unit() {
    for (text, written) in [
        ("latency=3m", "latency=180s"),
        ("latency=1h", "latency=3600s"),
        ("latency=1.5s", "latency=1500ms"),
        ("clock-skew=+1h", "clock-skew=3600s"),
    ] {
        assert_eq!(text.parse::<FaultKind>().unwrap().to_string(), written);
    }
    for text in ["", "5", "s", "99999999999999999999h"] {
        let fault = format!("latency={text}");
        assert!(fault.parse::<FaultKind>().is_err(), "{text}");
    }
}

#[test]
fn an_invalid_kind_is_refused_with_what_would_be_valid() {
    for (text, expected) in [
        ("explode", "there is no fault `explode`; there are html-502"),
        ("latency", "such as `latency=200ms`"),
        ("latency=fast", "`fast` is not a duration"),
        ("latency=-1s", "`-1s` is not a duration"),
        ("status=404", "from 500 to 599"),
        ("status=high", "not a whole number"),
        ("html-502=1", "takes no value"),
    ] {
        let error = text.parse::<FaultKind>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn text_and_json_are_equivalent() {
    for text in [
        "create-customer:reset-after-processing:count=1",
        "*:latency=200ms:probability=0.05",
        "list-customers:rate-limited=30:after=2:count=3",
        "create-customer:pass,reset-after-processing,status=503",
        "*:pass",
        "webhook:reorder:count=1",
        "webhook:pass,old-timestamp,latency=2s",
    ] {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), text);
        let json = serde_json::to_string(&fault).unwrap();
        let read: Fault = serde_json::from_str(&json).unwrap();
        assert_eq!(read, fault, "{json}");
    }
    let json = r#"{"operation":"*","fault":"status=503"}"#;
    let read: Fault = serde_json::from_str(json).unwrap();
    assert_eq!(read.to_string(), "*:status=503");
}

#[test]
fn an_invalid_fault_is_refused_with_what_would_be_valid() {
    for (text, expected) in [
        ("", "write OPERATION:FAULT"),
        ("create-customer", "write OPERATION:FAULT"),
        (":status=503", "write OPERATION:FAULT"),
        ("*:explode", "there is no fault `explode`"),
        ("*:status=503:often", "`often` is not an option"),
        ("*:status=503:count=-1", "`count=-1`"),
        ("*:status=503:probability=2", "not from 0 to 1"),
        ("*:status=503:probability=NaN", "not from 0 to 1"),
        (
            "*:pass,status=503:count=2",
            "leave count and probability out",
        ),
        ("*:pass,", "there is no fault ``"),
        ("*:duplicate", "are for `webhook`"),
        ("get-me:pass,reorder", "does not fit `get-me`"),
        ("webhook:status=503", "`status=503` does not fit `webhook`"),
    ] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let json = r#"{"fault":"status=503","often":true}"#;
    assert!(serde_json::from_str::<Fault>(json).is_err());
}

#[test]
fn the_builder_gives_the_same_fault_as_text() {
    let built = Fault::new(FaultKind::Status(503))
        .on("get-me")
        .after(1)
        .times(2)
        .probability(0.5);
    let text = "get-me:status=503:after=1:count=2:probability=0.5";
    assert_eq!(text.parse(), Ok(built));
}

//! Exports as files. The formats for people are tested through the command, `pivotal export`.

#![cfg(feature = "parquet")]

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pivotal_export::{Export, Format, Options};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;

#[tokio::test]
async fn a_parquet_file_has_typed_columns_and_all_rows() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let builder = Client::builder().base_url(sandbox.base_url());
    let client = builder.api_key(sandbox.api_key()).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.parquet");
    let (format, options) = (Format::of_extension(&file).unwrap(), Options::default());
    assert_eq!(format, Format::Parquet);
    let mut export = Export::new(&client, Some(&file), format, options, |_| {}).unwrap();
    export.customers(&[]).await.unwrap();
    assert!(!file.exists());
    assert_eq!(export.finish().unwrap(), 48);

    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&file).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let time = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    for (name, kind, nullable) in [
        ("created_at", &time, false),
        ("display_id", &DataType::Int64, false),
        ("mrr", &DataType::Int64, true),
        ("name", &DataType::Utf8, false),
        ("extra", &DataType::Utf8, true),
    ] {
        let column = schema.field_with_name(name).unwrap();
        assert_eq!(
            (column.data_type(), column.is_nullable()),
            (kind, nullable),
            "{name}"
        );
    }
    let batches: Vec<_> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        batches.iter().map(|batch| batch.num_rows()).sum::<usize>(),
        48
    );
    let column = |name: &str| batches[0].column_by_name(name).unwrap();
    assert_eq!(
        column("display_id").as_primitive::<Int64Type>().value(0),
        48
    );
    assert_eq!(
        column("name").as_string::<i32>().value(0),
        "Harbor Tea House Online"
    );
    let created = column("created_at").as_primitive::<TimestampMillisecondType>();
    // 2026-05-16T10:24:37.714Z
    assert_eq!(created.value(0), 1_778_927_077_714);
    sandbox.stop().await;
}

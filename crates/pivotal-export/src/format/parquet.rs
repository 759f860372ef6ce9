//! Parquet.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field as Column, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use pivotal_sdk::{Timestamp, Value};

use super::{Out, RowWriter};
use crate::error::{Error, Result};
use crate::export::Table;
use crate::fields::{Field, Fields, Kind};
use crate::text::cell;

/// How many rows are converted at a time.
const BATCH: usize = 1_000;

/// How many rows a row group has, which is held in memory while it is written.
const ROW_GROUP: usize = 20_000;

/// The time zone of times.
const UTC: &str = "UTC";

pub(super) struct Parquet {
    /// Until the columns are known.
    out: Option<Out>,
    writer: Option<ArrowWriter<Out>>,
    schema: Arc<Schema>,
    fields: Option<Fields>,
    rows: Vec<Value>,
}

impl Parquet {
    pub(super) fn new(out: Out) -> Self {
        Self {
            out: Some(out),
            writer: None,
            schema: Arc::new(Schema::empty()),
            fields: None,
            rows: Vec::new(),
        }
    }

    /// Writes the rows at hand.
    fn write(&mut self) -> Result<()> {
        let (Some(writer), Some(fields)) = (&mut self.writer, &self.fields) else {
            return Ok(());
        };
        let extra = self.rows.iter().map(|row| match fields.extra(row) {
            Value::Null => None,
            extra => Some(extra.to_string()),
        });
        let extra: ArrayRef = Arc::new(extra.collect::<StringArray>());
        let columns = fields.iter().map(|field| array(field, &self.rows));
        let columns: Vec<_> = columns.chain([extra]).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns);
        let batch = batch.map_err(|error| ParquetError::External(error.into()))?;
        writer.write(&batch)?;
        self.rows.clear();
        Ok(())
    }
}

impl RowWriter for Parquet {
    fn begin(&mut self, _: Table, fields: &Fields) -> Result<()> {
        let extra = Column::new("extra", DataType::Utf8, true);
        let columns: Vec<_> = fields.iter().map(column).chain([extra]).collect();
        self.schema = Arc::new(Schema::new(columns));
        self.fields = Some(fields.clone());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        if let Some(out) = self.out.take() {
            let writer = ArrowWriter::try_new(out, self.schema.clone(), Some(properties))?;
            self.writer = Some(writer);
        }
        Ok(())
    }

    fn row(&mut self, _: &Fields, row: &Value) -> Result<()> {
        self.rows.push(row.clone());
        if self.rows.len() == BATCH {
            self.write()?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.write()?;
        if let Some(writer) = self.writer {
            let out = writer.into_inner()?;
            out.into_inner()
                .map_err(|error| Error::Write(error.into_error()))?;
        }
        Ok(())
    }
}

fn column(field: &Field) -> Column {
    let data = match field.kind {
        Kind::Text | Kind::Json => DataType::Utf8,
        Kind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
        Kind::Integer => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
    };
    Column::new(field.name, data, field.nullable || field.optional)
}

fn array(field: &Field, rows: &[Value]) -> ArrayRef {
    let values = rows.iter().map(|row| &row[field.name]);
    match field.kind {
        Kind::Text | Kind::Json => {
            let texts = values.map(|value| (!value.is_null()).then(|| cell(value)));
            Arc::new(texts.collect::<StringArray>())
        }
        Kind::Time => {
            let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
            let times = values.map(|value| time(value).map(Timestamp::as_millisecond));
            let times: TimestampMillisecondArray = times.collect();
            Arc::new(times.with_timezone(UTC))
        }
        Kind::Integer => Arc::new(values.map(Value::as_i64).collect::<Int64Array>()),
        Kind::Number => Arc::new(values.map(Value::as_f64).collect::<Float64Array>()),
        Kind::Boolean => Arc::new(values.map(Value::as_bool).collect::<BooleanArray>()),
    }
}

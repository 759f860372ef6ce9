//! Lists as streams over all of their pages: [`Rows`], [`Results`] and [`Pages`].

mod boundary;
mod fetch;
mod page;
mod pages;
mod results;
mod rows;

pub use pages::Pages;
pub use results::Results;
pub use rows::Rows;

use pivotal_api::endpoint::{Endpoint, List, Paged};

use crate::call::Call;
use crate::error::Result;

/// A row of the list that an operation returns.
pub type RowOf<O> = <<O as Endpoint>::Response as List>::Row;

impl<O: Paged> Call<O> {
    /// All rows, newest first. Pages are fetched as they are needed. `Ok(None)` at the end means
    /// that [no row was missed](Pages#completeness). A row that does not decode ends the list, unless
    /// [`results`](Rows::results) is called on it.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # for number in 0..7 {
    /// #     pivotal.customers().create(CreateCustomer::new(format!("Customer {number}"))).await?;
    /// # }
    /// let mut customers = pivotal.customers().list().limit(3).stream();
    /// let mut names = Vec::new();
    /// while let Some(customer) = customers.try_next().await? {
    ///     names.push(customer.name);
    /// }
    /// assert_eq!(names.len(), 7);
    /// # Ok(()) });
    /// ```
    ///
    /// The options of the call, such as timeouts, apply to each page, but a
    /// [`deadline`](Self::deadline) to the whole stream. Pages have 100 rows unless
    /// [`limit`](Self::limit) is set, so that few requests are needed.
    pub fn stream(self) -> Rows<O> {
        Rows::new(self.pages())
    }

    /// All pages, newest rows first, each with its metadata.
    ///
    /// Use this to process a page at a time, or to store checkpoints: after a page is processed,
    /// its `next_cursor` is the cursor to resume from. After resuming, rows with the creation time
    /// of the last row may be returned again.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// let mut checkpoint = None;
    /// let mut pages = pivotal.customers().list().pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} customers", page.data.len());
    ///     checkpoint = page.value.next_cursor;
    /// }
    /// assert_eq!(checkpoint, None);
    /// # Ok(()) });
    /// ```
    pub fn pages(self) -> Pages<O> {
        Pages::new(self)
    }

    /// Collects at most this many rows, newest first, with as few requests as possible.
    ///
    /// A list cannot be collected without a bound, because it grows with the workspace.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # for number in 0..7 {
    /// #     pivotal.customers().create(CreateCustomer::new(format!("Customer {number}"))).await?;
    /// # }
    /// let newest = pivotal.customers().list().collect_up_to(5).await?;
    /// assert_eq!(newest.len(), 5);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// The first error. The rows before it are lost; use [`stream`](Self::stream) to keep them.
    pub async fn collect_up_to(mut self, rows: usize) -> Result<Vec<RowOf<O>>> {
        if rows == 0 {
            return Ok(Vec::new());
        }
        let rows_of_a_page = u32::try_from(rows).unwrap_or(u32::MAX);
        pages::fill_pages(&mut self.request, rows_of_a_page);
        let mut stream = self.stream().at_most(rows);
        let mut collected = Vec::new();
        while collected.len() < rows {
            match stream.try_next().await? {
                Some(row) => collected.push(row),
                None => break,
            }
        }
        Ok(collected)
    }
}

/// ```compile_fail,E0599
/// async fn a_list_is_not_collected_without_a_bound(client: pivotal_sdk::Client) {
///     let _ = client.customers().list().collect().await;
/// }
/// ```
#[cfg(doctest)]
struct AListIsNotCollectedWithoutABound;

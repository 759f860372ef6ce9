//! Faults and clock.

use maud::{Markup, html};

use super::{ServedPage, notices, page};

/// The faults and the clock of a sandbox.
#[derive(Clone, Debug)]
pub struct Controls {
    /// The time of the clock, such as `2026-05-26T17:21:09.412Z`.
    pub now: String,
    /// Whether the clock stands.
    pub frozen: bool,
    /// The faults that are set, in order.
    pub faults: Vec<ArmedFault>,
    /// The operations that a fault can be for.
    pub operations: Vec<String>,
    /// The kinds of faults, such as `status=503`.
    pub kinds: Vec<String>,
    /// Why nothing can be changed here; `None` if it can.
    pub read_only: Option<&'static str>,
    /// Why the last change was not made.
    pub refused: Option<String>,
}

/// A fault that is set.
#[derive(Clone, Debug)]
pub struct ArmedFault {
    /// As it is written, such as `create-customer:status=503:count=1`.
    pub text: String,
    /// The number of requests to its operation.
    pub matched: u64,
    /// The number of requests that it was applied to.
    pub applied: u64,
}

impl Controls {
    /// Faults and clock as a page.
    pub fn page(&self) -> ServedPage {
        let can_change = self.read_only.is_none();
        let content = html! {
            (notices(self.refused.as_deref(), self.read_only))
            section aria-labelledby="clock" {
                h2 #clock { "Clock" }
                p {
                    time datetime=(self.now) { (self.now) } " "
                    span.muted { @if self.frozen { "Frozen" } @else { "Running" } }
                }
                @if can_change { (self.clock_forms()) }
            }
            section aria-labelledby="faults" {
                h2 #faults { "Faults" }
                @if self.faults.is_empty() { p.muted { "None" } } @else { (self.armed()) }
                @if can_change { (self.fault_forms()) }
            }
            @if can_change {
                section aria-labelledby="reset" {
                    h2 #reset { "Reset" }
                    p { "Rows, keys, limits, clock, faults, journal and webhooks are then as they were at the start." }
                    form method="post" action="/controls" { button name="action" value="reset" { "Reset the sandbox" } }
                }
            }
        };
        page("/controls", "Faults and clock", &content)
    }

    fn clock_forms(&self) -> Markup {
        html! {
            form method="post" action="/controls" {
                label { "Time" input name="at" size="26" required value=(self.now); }
                button name="action" value="freeze" { "Freeze at this time" }
            }
            form method="post" action="/controls" {
                label { "Amount" input name="amount" type="number" min="0" step="any" required value="1"; }
                label {
                    "Unit"
                    select name="unit" {
                        option value="1" { "Seconds" }
                        option value="60" { "Minutes" }
                        option value="3600" { "Hours" }
                        option value="86400" selected { "Days" }
                    }
                }
                button name="action" value="advance" { "Move forward" }
            }
            @if self.frozen {
                form method="post" action="/controls" { button name="action" value="thaw" { "Let it run on" } }
            }
        }
    }

    fn armed(&self) -> Markup {
        html! {
            table.rows aria-labelledby="faults" {
                thead { tr { th scope="col" { "Fault" } th.number.narrow scope="col" { "Matched" } th.number.narrow scope="col" { "Applied" } } }
                tbody {
                    @for fault in &self.faults {
                        tr {
                            th scope="row" { code { (fault.text) } }
                            td.number { (fault.matched) }
                            td.number { (fault.applied) }
                        }
                    }
                }
            }
        }
    }

    fn fault_forms(&self) -> Markup {
        html! {
            form method="post" action="/controls" {
                label {
                    "Operation"
                    select name="operation" {
                        option value="*" { "All operations" }
                        @for operation in &self.operations { option value=(operation) { (operation) } }
                    }
                }
                label {
                    "Fault, or several with commas"
                    input name="fault" list="kinds" required placeholder="status=503" autocomplete="off";
                }
                datalist #kinds { @for kind in &self.kinds { option value=(kind) {} } }
                label { "Times at most" input name="count" type="number" min="1"; }
                label { "Skip first" input name="after" type="number" min="0"; }
                label { "Probability" input name="probability" type="number" min="0" max="1" step="any"; }
                button name="action" value="add-fault" { "Add fault" }
            }
            @if !self.faults.is_empty() {
                form method="post" action="/controls" { button name="action" value="clear-faults" { "Remove all faults" } }
            }
        }
    }
}

//! Rules about how the API is used: which operations, with which parameters, how often and when. One file a rule, or a few
//! that ask the same question.

mod declared_use;
mod delta_window;
mod full_resync;
mod on_peak_transfer;
pub mod operation;
mod page_limit;
mod project_habits;
mod repeated_calls;
mod status_from_inactive;
mod unbounded_retry;
mod unknown_operation;
mod unpaged_list;
mod wrong_auth_scheme;

use super::{Context, Rule, api_call};

/// The rules.
pub(super) const RULES: &[Rule] = &[
    declared_use::check,
    delta_window::check,
    full_resync::check,
    on_peak_transfer::check,
    page_limit::check,
    project_habits::check,
    repeated_calls::check,
    status_from_inactive::check,
    unbounded_retry::check,
    unknown_operation::check,
    unpaged_list::check,
    wrong_auth_scheme::check,
];

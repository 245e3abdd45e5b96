//! Usage as a scenario tells it: how much there is, when there is none, and how the reports about it misbehave.
//! It must not know about requests or about absolute dates: `world` lays it out in time.

use serde::{Deserialize, Serialize};

use super::{NextLink, Storage, Visibility};
use crate::poison::Poison;

/// What a subscription, a billing profile or an enrolment has used, and how that is told. Subscriptions of an enrolment
/// or a profile are told with it; of their own, only the visibility counts.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct UsageData {
    /// Lines of usage a day.
    pub lines_a_day: Option<u32>,
    /// So many billing periods back there is usage, the one of the newest invoice included. When it is missing, from
    /// the oldest invoice's period on: whoever has no invoices has used nothing.
    pub months: Option<u32>,
    /// Billing periods without any usage, counted like `months_ago` of invoices.
    pub without: Vec<u32>,
    /// Billing periods that a report never succeeds for, counted the same way.
    pub failing: Vec<u32>,
    /// How many files a report of Cost Management comes in, if it has as many lines.
    pub blobs: usize,
    /// Whether the person may see it; when it is missing, as the list of invoices says.
    pub visibility: Option<Visibility>,
    /// Which host the links of a report name; when it is missing, the person's setting.
    pub storage: Option<Storage>,
    /// What a report without lines looks like.
    pub nothing: NoData,
    /// What is wrong with `Location` of a report.
    pub location: Option<Poison>,
    /// Where `nextLink` of the first page of usage details leads.
    pub next_link: NextLink,
    /// How usage details name their fields.
    pub fields: UsageFields,
}

impl Default for UsageData {
    fn default() -> Self {
        Self {
            lines_a_day: None,
            months: None,
            without: Vec::new(),
            failing: Vec::new(),
            blobs: 1,
            visibility: None,
            storage: None,
            nothing: NoData::default(),
            location: None,
            next_link: NextLink::default(),
            fields: UsageFields::default(),
        }
    }
}

/// What a report without lines looks like when it is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum NoData {
    /// 200 with the status `NoDataFound`.
    #[default]
    Status,
    /// 204 without a body.
    NoContent,
}

/// How usage details name their fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum UsageFields {
    /// As they were recorded.
    #[default]
    Recorded,
    /// As version 2019-10-01 documents them.
    Documented,
}

//! Cost Details: reports of Cost Management, each a long-running operation that ends in signed addresses of its files.
//! Must not know: what the files say, who wants them, or where they are saved.

use std::time::Duration;

use serde_json::Value;
use time::{Date, Month};

use super::blob::SasUrl;
use super::error::{AzureError, Refusal};
use super::json::{self, given, items, number, text};
use super::link::{ArmRequest, segment};
use super::operation::outcome;
use super::pipeline::Arm;

/// Longest time spent waiting for one report; long ones take minutes.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Reports reach so many months back, counted from the first day of this month.
const MONTHS_BACK: i32 = 13;

/// What a report is about: the actual cost of a place, as an invoice, a billing period or some days have it.
/// `GenerateCostDetailsReport_CreateOperation`, 2022-05-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostReport {
    scope: String,
    about: About,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Invoice(String),
    BillingPeriod(String),
    Days(Date, Date),
}

impl CostReport {
    /// What an invoice bills to a profile of a Customer or Partner Agreement.
    pub fn of_invoice(account: &str, profile: &str, invoice: &str) -> CostReport {
        let (account, profile) = (segment(account), segment(profile));
        CostReport {
            scope: format!("providers/Microsoft.Billing/billingAccounts/{account}/billingProfiles/{profile}"),
            about: About::Invoice(invoice.to_owned()),
        }
    }

    /// What an enrolment of an Enterprise Agreement is billed for the month of this day.
    pub fn of_enrolment(account: &str, day: Date) -> CostReport {
        CostReport {
            scope: format!("providers/Microsoft.Billing/billingAccounts/{}", segment(account)),
            about: About::BillingPeriod(format!("{:04}{:02}", day.year(), u8::from(day.month()))),
        }
    }

    /// What a subscription has cost on these days, both included, a month at most.
    pub fn of_subscription(id: &str, from: Date, to: Date) -> CostReport {
        CostReport {
            scope: format!("subscriptions/{}", segment(id)),
            about: About::Days(from, to),
        }
    }

    /// The path of the place whose cost it is about.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Has Azure write the report and waits for the addresses of its files, in their order; none when nothing was used.
    ///
    /// # Errors
    /// Why there is no report.
    pub async fn generate(&self, arm: &Arm) -> Result<Vec<SasUrl>, AzureError> {
        let path = format!(
            "/{}/providers/Microsoft.CostManagement/generateCostDetailsReport?api-version=2022-05-01",
            self.scope
        );
        let request = ArmRequest::post(&path, arm.identity().cloud)?.saying(self.body());
        let response = outcome(arm, &request, PATIENCE).await?;
        if response.status == 204 {
            return Ok(Vec::new());
        }
        addresses(&json::parse(&response.body))?
            .iter()
            .map(|address| Ok(SasUrl::read(address, arm.identity().cloud)?))
            .collect()
    }

    fn body(&self) -> String {
        let about = match &self.about {
            About::Invoice(name) => format!("\"invoiceId\":{}", json::quoted(name)),
            About::BillingPeriod(month) => format!("\"billingPeriod\":\"{month}\""),
            About::Days(from, to) => {
                format!("\"timePeriod\":{{\"start\":\"{from}\",\"end\":\"{to}\"}}")
            }
        };
        format!("{{\"metric\":\"ActualCost\",{about}}}")
    }
}

/// The first day that reports reach back to.
pub fn oldest_report_day(today: Date) -> Date {
    let month = today.year() * 12 + i32::from(u8::from(today.month())) - 1 - MONTHS_BACK;
    let of_year = Month::try_from((month.rem_euclid(12) + 1) as u8);
    of_year
        .and_then(|of_year| Date::from_calendar_date(month.div_euclid(12), of_year, 1))
        .unwrap_or(Date::MIN)
}

/// The addresses that the end of an operation tells.
fn addresses(result: &Value) -> Result<Vec<String>, AzureError> {
    match text(result, "status") {
        "NoDataFound" => return Ok(Vec::new()),
        "Completed" => {}
        "Failed" | "TimedOut" => {
            let error = result.get("error").unwrap_or(&Value::Null);
            return Err(AzureError::Unavailable(Refusal::of_error(200, error)));
        }
        _ => return Err(AzureError::Unreadable("a report of unknown status")),
    }
    let manifest = result.get("manifest").unwrap_or(&Value::Null);
    let is_compressed = manifest.get("compressData").and_then(Value::as_bool) == Some(true);
    if is_compressed || !text(manifest, "dataFormat").eq_ignore_ascii_case("csv") {
        return Err(AzureError::Unreadable("a report that is not plain CSV"));
    }
    let blobs = items(manifest, "blobs");
    let told = number(manifest, "blobCount").unwrap_or(blobs.len() as u64);
    let addresses: Vec<String> = blobs.iter().filter_map(|blob| given(blob, "blobLink")).collect();
    // One file less would be a report of less.
    if addresses.len() != blobs.len() || told != blobs.len() as u64 {
        return Err(AzureError::Unreadable("a report without all of its files"));
    }
    Ok(addresses)
}

//! Usage details as a table, a contract that people's spreadsheets and scripts rely on (`docs/USAGE.md`).
//! Must not know: how the lines are listed, or where the table is saved.

use serde_json::Value;

use crate::azure::json::{quoted, written_with_digits};
use crate::azure::{UsageLine, parse_date};
use crate::download::table::{Cell, Region, Table};

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Day,
}

/// The columns, in their order, each with the fields that it takes; the first names the column. Names are never changed
/// and never translated, and new ones come before the last. The fields are those of 2019-10-01, of both kinds of line,
/// and those that older versions and recorded answers have in their place: a line has one of them.
const COLUMNS: [(Kind, &str); 48] = [
    (Kind::Day, "date|usageStart"),
    (Kind::Day, "usageEnd"),
    (Kind::Text, "subscriptionId|subscriptionGuid"),
    (Kind::Text, "subscriptionName"),
    (Kind::Text, "resourceGroup|resourceGroupName"),
    (Kind::Text, "resourceId|instanceId"),
    (Kind::Text, "resourceName|instanceName"),
    (Kind::Text, "resourceLocation|instanceLocation"),
    (Kind::Text, "consumedService"),
    (Kind::Text, "product"),
    (Kind::Text, "meterId"),
    (Kind::Text, "meterName"),
    (Kind::Text, "meterCategory"),
    (Kind::Text, "meterSubCategory"),
    (Kind::Text, "meterRegion|meterLocation"),
    (Kind::Text, "unitOfMeasure|unit"),
    (Kind::Number, "quantity|usageQuantity"),
    (Kind::Number, "effectivePrice"),
    (Kind::Number, "unitPrice"),
    (Kind::Number, "cost|pretaxCost|costInBillingCurrency"),
    (Kind::Text, "billingCurrency|currency|billingCurrencyCode"),
    (Kind::Text, "isEstimated"),
    (Kind::Text, "chargeType"),
    (Kind::Text, "frequency"),
    (Kind::Text, "publisherType"),
    (Kind::Text, "publisherName"),
    (Kind::Text, "offerId"),
    (Kind::Text, "partNumber"),
    (Kind::Text, "reservationId"),
    (Kind::Text, "reservationName"),
    (Kind::Text, "isAzureCreditEligible"),
    (Kind::Text, "costCenter"),
    (Kind::Text, "invoiceSection|invoiceSectionName"),
    (Kind::Text, "accountName"),
    (Kind::Text, "departmentName"),
    (Kind::Text, "billingAccountId"),
    (Kind::Text, "billingAccountName"),
    (Kind::Text, "billingProfileId"),
    (Kind::Text, "billingProfileName"),
    (Kind::Text, "billingPeriodId"),
    (Kind::Day, "billingPeriodStartDate"),
    (Kind::Day, "billingPeriodEndDate"),
    (Kind::Text, "serviceInfo1"),
    (Kind::Text, "serviceInfo2"),
    (Kind::Text, "additionalInfo"),
    (Kind::Text, "tags"),
    (Kind::Text, "lineId"),
    (Kind::Text, "otherFields"),
];

/// A table of usage that is being written, page by page.
pub(super) struct UsageTable(Table<48>);

impl UsageTable {
    /// A table with the names of its columns.
    pub(super) fn new(region: Region) -> UsageTable {
        let name = |(_, fields): (Kind, &'static str)| fields.split('|').next().unwrap_or_default();
        UsageTable(Table::new(region, &COLUMNS.map(name)))
    }

    /// Appends a line.
    pub(super) fn line(&mut self, UsageLine(line): &UsageLine) {
        let mut row = Row {
            texts: vec![String::new(); COLUMNS.len()],
            others: String::new(),
        };
        row.put_all(line.get("properties"));
        row.put("tags", line.get("tags").unwrap_or(&Value::Null));
        row.put("lineId", line.get("name").unwrap_or(&Value::Null));
        if let Some(last) = row.texts.last_mut()
            && !row.others.is_empty()
        {
            *last = format!("{{{}}}", row.others);
        }
        let mut cells = [Cell::Empty; 48];
        for (((kind, _), text), cell) in COLUMNS.iter().zip(&row.texts).zip(&mut cells) {
            *cell = match kind {
                _ if text.is_empty() => Cell::Empty,
                Kind::Number => Cell::Number(text),
                Kind::Day => parse_date(text).map_or(Cell::Text(text), Cell::Date),
                Kind::Text => Cell::Text(text),
            };
        }
        self.0.row(&cells);
    }

    /// The bytes since they were last taken.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.0.take()
    }
}

/// A line, field by field.
struct Row {
    texts: Vec<String>,
    /// Fields that no column takes, as JSON, so that nothing is lost.
    others: String,
}

impl Row {
    fn put_all(&mut self, object: Option<&Value>) {
        for (name, value) in object.and_then(Value::as_object).into_iter().flatten() {
            match value {
                Value::Object(_) if name == "meterDetails" => self.put_all(Some(value)),
                value => self.put(name, value),
            }
        }
    }

    fn put(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            other => written_with_digits(other),
        };
        if text.is_empty() {
            return;
        }
        let takes = |(_, fields): &(Kind, &str)| fields.split('|').any(|field| field == name);
        let column = COLUMNS.iter().position(takes);
        match column.and_then(|column| self.texts.get_mut(column)) {
            Some(cell) if cell.is_empty() => *cell = text,
            _ => {
                if !self.others.is_empty() {
                    self.others.push(',');
                }
                self.others
                    .push_str(&format!("{}:{}", quoted(name), written_with_digits(value)));
            }
        }
    }
}

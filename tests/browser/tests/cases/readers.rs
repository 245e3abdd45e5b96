//! What a run leaves, opened by the programs that people have: unpackers, and a spreadsheet in two regions.
//! Must not know: how any of it is written.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use browser_tests::{Family, Launch, last_twelve_months};
use serde_json::json;
use simulator::Scenario;

use crate::case::{Case, SAVED};

/// A year with what is hard to read: letters of several scripts, texts like formulas, cents, a credit note.
fn year() -> Scenario {
    let subscription = |name: &str, order: &str| {
        json!({
            "name": name, "administrator": "janis@contoso.example",
            "invoices": [
                { "months_ago": 0, "amount": 1234.56, "properties": { "purchaseOrderNumber": order } },
                { "months_ago": 1, "amount": 0.05, "label": "first" },
                { "months_ago": 2, "amount": -1234567.8, "kind": "CreditNote", "credits": "first",
                  "documents": [{ "kind": "CreditNote" }] },
            ],
        })
    };
    let scenario = json!({
        "name": "readers", "summary": "", "short_documents": true,
        "accounts": [{
            "name": "Ilze Kalniņa", "email": "ilze.kalnina@contoso.example",
            "directory": "Contoso SIA", "domain": "contoso.example",
            "subscriptions": [
                subscription("=1+1 Ķīļa žurnāls", "=1+1"),
                subscription("請求書 façade", "-42"),
                subscription("+371, 67000000; \"A\"", "@SUM(A1)"),
            ],
        }],
    });
    Scenario::from_json(&scenario.to_string()).unwrap()
}

/// What a program prints, which must succeed; nothing where it is not installed, which is said.
#[expect(
    clippy::explicit_write,
    reason = "tests capture what `eprintln` writes, and what stays unchecked must be seen"
)]
fn printed_by(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let output = Command::new(program).args(arguments).arg(file).output();
    let Ok(output) = output else {
        writeln!(std::io::stderr(), "NOT RUN: {program} is not installed").unwrap();
        return None;
    };
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {printed} {complaint}"
    );
    Some(printed)
}

/// Prints the names and SHA-256 of an archive's members.
const MEMBERS: &str = "
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({each.filename: hashlib.sha256(archive.read(each)).hexdigest() for each in archive.infolist()}))";

/// Prints the rows of a spreadsheet: type and value of each cell.
const CELLS: &str = "
import json, sys, xml.etree.ElementTree as tree
office, table, text = ('{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}' % each for each in ('office', 'table', 'text'))
rows = []
for row in tree.parse(sys.argv[1]).iter(table + 'table-row'):
    cells = []
    for cell in row.iter(table + 'table-cell'):
        kind = cell.get(office + 'value-type') or ''
        value = cell.get(office + 'value') or cell.get(office + 'date-value') or ''.join(cell.itertext()).strip()
        assert not cell.get(table + 'formula'), cell.get(table + 'formula')
        cells += [[kind, value]] * int(cell.get(table + 'number-columns-repeated') or 1)
    if any(kind for kind, _ in cells):
        rows.append(cells)
print(json.dumps(rows))";

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_file_opens_in_unzip_and_in_python() {
    let case = Case::new("empty").await;
    case.simulator.load(year());
    let dock = case.open_invoices().await;
    dock.choose("Save as", "One ZIP file").await.unwrap();
    dock.click("Download all invoices").await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let archive = case.saved().into_keys().next().unwrap();
    let archive = case.browser.downloads_dir().join(archive);
    let (from, to) = last_twelve_months();
    let documents = case.simulator.expected_documents(from, to);
    if let Some(printed) = printed_by("unzip", &["-t"], &archive) {
        assert!(printed.contains("No errors detected"), "{printed}");
        assert!(
            printed.contains("Ķīļa žurnāls") && printed.contains("請求書"),
            "{printed}"
        );
    }
    if let Some(printed) = printed_by("python3", &["-c", MEMBERS], &archive) {
        let members: BTreeMap<String, String> = serde_json::from_str(&printed).unwrap();
        let sums: Vec<String> = members.values().cloned().collect();
        assert_eq!(members.len(), documents.len());
        assert!(
            documents.iter().all(|document| sums.contains(&document.sha256)),
            "{members:?}"
        );
        assert!(
            members.keys().all(|name| name.is_ascii()
                || name.contains("Ķīļa žurnāls")
                || name.contains("請求書 façade")),
            "{members:?}"
        );
    }
    case.end().await;
}

/// The cells of an index, by column, as a spreadsheet of a region reads them.
fn opened(index: &Path, delimiter: char, language: u32) -> Option<Vec<BTreeMap<String, (String, String)>>> {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    // UTF-8, from the first line on, everything in the words of the region, dates and such recognised.
    let filter = format!(
        "--infilter=Text - txt - csv (StarCalc):{},34,76,1,,{language},false,true",
        u32::from(delimiter)
    );
    let to = folder.path().display().to_string();
    printed_by(
        "soffice",
        &[
            "--headless",
            &profile,
            &filter,
            "--convert-to",
            "fods",
            "--outdir",
            &to,
        ],
        index,
    )?;
    let converted = folder
        .path()
        .join(index.with_extension("fods").file_name().unwrap());
    let printed = printed_by("python3", &["-c", CELLS], &converted)?;
    let rows: Vec<Vec<(String, String)>> = serde_json::from_str(&printed).unwrap();
    let mut rows = rows.into_iter();
    let columns = rows.next().unwrap();
    let by_column = |row: Vec<(String, String)>| {
        let cells = columns.iter().zip(row);
        cells.map(|((_, column), cell)| (column.clone(), cell)).collect()
    };
    Some(rows.map(by_column).collect())
}

async fn an_index_opens(language: &str, press: &str, saved: &str, delimiter: char, locale: u32) {
    let launch = Launch {
        language: language.to_owned(),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("empty", launch).await;
    case.simulator.load(year());
    let dock = case.open_invoices().await;
    dock.click(press).await.unwrap();
    dock.wait_for_status(saved).await.unwrap();
    let index = case.indexes().into_keys().next().unwrap();
    let index = case.browser.downloads_dir().join(index);
    if let Some(rows) = opened(&index, delimiter, locale) {
        assert_eq!(rows.len(), 9);
        let kinds = |columns: &[&str], kind: &str| {
            for (row, column) in rows
                .iter()
                .flat_map(|row| columns.iter().map(move |column| (row, column)))
            {
                let (found, value) = &row[*column];
                assert!(
                    found == kind || found.is_empty(),
                    "{column}: {value:?} is a {found}"
                );
            }
        };
        kinds(&["Net", "Tax", "Total", "Amount due", "Bytes"], "float");
        kinds(
            &[
                "Invoice date",
                "Period start",
                "Period end",
                "Due date",
                "Payment date",
            ],
            "date",
        );
        kinds(
            &[
                "Invoice number",
                "Month",
                "PO number",
                "Subscription",
                "SHA-256",
                "File",
                "Outcome",
            ],
            "string",
        );
        let values = |column: &str| {
            let mut values: Vec<&str> = rows
                .iter()
                .map(|row| &*row[column].1)
                .filter(|value| !value.is_empty())
                .collect();
            values.sort_unstable();
            values.dedup();
            values.join(" | ")
        };
        assert_eq!(values("Total"), "-1234567.8 | 0.05 | 1234.56");
        assert_eq!(
            values("PO number"),
            "'-42 | '=1+1 | '@SUM(A1)",
            "texts stay texts"
        );
        assert_eq!(
            values("Subscription"),
            "'+371, 67000000; \"A\" | '=1+1 Ķīļa žurnāls | 請求書 façade"
        );
        let files = case.saved();
        assert!(rows.iter().all(|row| files.contains_key(&row["File"].1)));
        let today = last_twelve_months().1.to_string();
        assert!(
            rows.iter()
                .all(|row| row["Invoice date"].1 <= today && row["Invoice date"].1.len() == 10)
        );
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_english_index_opens_in_an_english_spreadsheet() {
    an_index_opens("en", "Download all invoices", SAVED, ',', 1033).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latvian_index_opens_in_a_latvian_spreadsheet() {
    an_index_opens(
        "lv",
        "Lejupielādēt visus rēķinus",
        "Viss, ko Azure jums piedāvā",
        ';',
        1062,
    )
    .await;
}

//! The documents themselves: PDF files that read like invoices, the same bytes each time for the same document.
//! It must not know how a document is asked for or handed out.

use pdf_writer::types::{SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Date as PdfDate, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use time::Date;

use crate::draw::Draw;
use crate::scenario::Agreement;
use crate::world::{Billed, Document, Found, Money, Scope};

const PAGE: Rect = Rect {
    x1: 0.0,
    y1: 0.0,
    x2: 595.0,
    y2: 842.0,
};
const LEFT: f32 = 50.0;
const RIGHT: f32 = 545.0;
const LINES_ON_A_PAGE: usize = 58;

const SERVICES: [(&str, &str, &str); 12] = [
    ("Virtual Machines", "D4s v5 compute hours", "1 Hour"),
    ("Virtual Machines", "B2ms compute hours", "1 Hour"),
    ("Storage", "Hot LRS data stored", "1 GB/Month"),
    ("Storage", "Hot read operations", "10K"),
    ("Azure SQL Database", "General purpose vCore", "1 Hour"),
    ("Bandwidth", "Data transfer out, zone 1", "1 GB"),
    ("Azure App Service", "P1 v3 app hours", "1 Hour"),
    ("Log Analytics", "Data ingestion", "1 GB"),
    ("Key Vault", "Operations", "10K"),
    ("Azure Kubernetes Service", "Uptime SLA", "1 Hour"),
    ("Azure Cosmos DB", "100 RU/s provisioned", "1 Hour"),
    ("Backup", "Protected instances", "1/Month"),
];
const REGIONS: [&str; 5] = ["EU West", "EU North", "DE West Central", "SE Central", "Global"];

/// What blob storage holds for a document when all is well.
pub(crate) fn content(found: Found<'_>) -> Vec<u8> {
    if found.document.is_transactions() {
        transactions(found)
    } else {
        Paper::new(found).finish()
    }
}

/// The file extension that goes with the content.
pub(crate) fn extension(found: Found<'_>) -> &'static str {
    if found.document.is_transactions() {
        "csv"
    } else {
        "pdf"
    }
}

/// The daily lines behind an enrolment's invoice, as a table.
fn transactions(found: Found<'_>) -> Vec<u8> {
    let Billed {
        invoice, currency, ..
    } = found.billed;
    let mut draw = Draw::new(0, &purpose(found));
    let mut text = "Date,Service,Meter,Region,Unit,Cost,Currency\r\n".to_owned();
    let days = (invoice.period_end - invoice.period_start).whole_days().max(0);
    let mut left = invoice.total.0;
    for day in 0..=days {
        let cost = if day == days { left } else { left / 10 };
        left -= cost;
        let date = invoice.period_start.saturating_add(time::Duration::days(day));
        let (service, meter, unit) = draw.choice(&SERVICES).copied().unwrap_or_default();
        let region = draw.choice(&REGIONS).copied().unwrap_or_default();
        let cost = Money(cost).text();
        text.push_str(&format!(
            "{date},\"{service}\",\"{meter}\",{region},{unit},{cost},{currency}\r\n"
        ));
    }
    text.into_bytes()
}

fn purpose(found: Found<'_>) -> String {
    let Billed { id, invoice, .. } = found.billed;
    let Document { name, kind, .. } = found.document;
    // An enrolment's documents share one number.
    let kind = if found.billed.agreement == Agreement::EnterpriseAgreement {
        kind.as_str()
    } else {
        ""
    };
    format!("document {id} {} {name}{kind}", invoice.name)
}

/// The page that a broken front end sends in place of a document.
pub(crate) fn html_error_page() -> Vec<u8> {
    b"<!DOCTYPE html>\r\n<html><head><title>Our services aren't available right now</title></head>\r\n\
      <body><h2>Our services aren't available right now</h2>\
      <p>We're working to restore all services as soon as possible. Please check back soon.</p></body></html>\r\n"
        .to_vec()
}

/// A document under construction: pages of text in one typeface, and the letters it needed beyond ASCII.
struct Paper<'a> {
    found: Found<'a>,
    pages: Vec<Content>,
    letters: Vec<char>,
    draw: Draw,
}

#[derive(Clone, Copy)]
enum Face {
    Regular,
    Bold,
}

impl Face {
    fn resource(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"F1"),
            Self::Bold => Name(b"F2"),
        }
    }
}

impl<'a> Paper<'a> {
    fn new(found: Found<'a>) -> Self {
        Self {
            found,
            pages: Vec::new(),
            letters: Vec::new(),
            draw: Draw::new(0, &purpose(found)),
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.front_page();
        if !self.found.document.is_short {
            self.usage_pages();
        }
        self.assemble()
    }

    fn title(&self) -> &'static str {
        match self.found.document.kind.as_str() {
            "Invoice" => "Invoice",
            "CreditNote" => "Credit note",
            "TaxReceipt" => "Tax receipt",
            "VoidNote" => "Void note",
            "Summary" => "Invoice summary",
            _ => "Document",
        }
    }

    fn front_page(&mut self) {
        let Found { billed, document } = self.found;
        let Billed { person, invoice, .. } = billed;
        let mut page = Content::new();
        let title = self.title();
        self.write(&mut page, Face::Bold, 20.0, LEFT, 780.0, title);
        self.write(
            &mut page,
            Face::Bold,
            11.0,
            360.0,
            786.0,
            "Northwind Cloud Operations Ltd",
        );
        for (line, text) in [
            "70 Harbour Street",
            "Dublin D02 X285, Ireland",
            "VAT IE 0000000AB",
            "A simulated seller",
        ]
        .iter()
        .enumerate()
        {
            self.write(
                &mut page,
                Face::Regular,
                9.0,
                360.0,
                772.0 - row(line, 12.0),
                text,
            );
        }
        rule(&mut page, 712.0);

        let facts = [
            ("Invoice number", invoice.name.clone()),
            ("Document number", document.name.clone()),
            ("Invoice date", invoice.date().to_string()),
            ("Due date", invoice.due.date().to_string()),
            (
                "Billing period",
                format!("{} to {}", invoice.period_start, invoice.period_end),
            ),
            ("Invoice type", invoice.invoice_type.clone()),
            ("Status", invoice.status.clone()),
        ];
        for (line, (label, value)) in facts.iter().enumerate() {
            let y = 690.0 - row(line, 15.0);
            self.write(&mut page, Face::Regular, 9.0, LEFT, y, label);
            self.write(&mut page, Face::Bold, 9.0, LEFT + 90.0, y, value);
        }
        self.write(&mut page, Face::Bold, 9.0, 360.0, 690.0, "Bill to");
        for (line, text) in [
            &person.directory.name,
            &person.name,
            &person.email,
            &person.country,
        ]
        .iter()
        .enumerate()
        {
            self.write(
                &mut page,
                Face::Regular,
                9.0,
                360.0,
                676.0 - row(line, 13.0),
                text,
            );
        }

        self.write(&mut page, Face::Bold, 9.0, LEFT, 566.0, billed_as(billed.to));
        // A name of any length is broken into lines; the whole of it is on the paper.
        let name: Vec<char> = billed.name.chars().collect();
        for (line, part) in name.chunks(80).enumerate() {
            let part: String = part.iter().collect();
            self.write(
                &mut page,
                Face::Regular,
                9.0,
                LEFT + 90.0,
                566.0 - row(line, 12.0),
                &part,
            );
        }
        let y = 566.0 - row(name.chunks(80).count().max(1), 12.0);
        self.write(&mut page, Face::Regular, 9.0, LEFT + 90.0, y, billed.id);

        let mut y = y - 36.0;
        rule(&mut page, y + 16.0);
        self.write(&mut page, Face::Bold, 10.0, LEFT, y, "Summary");
        self.write_to(&mut page, Face::Bold, 10.0, RIGHT, y, billed.currency);
        let net = Money(invoice.total.0 - invoice.tax.0);
        let lines = [
            (Face::Regular, "Charges for services", net),
            (Face::Regular, "Tax (21 %)", invoice.tax),
            (Face::Bold, "Total", invoice.total),
        ];
        for (face, label, amount) in lines {
            y -= 18.0;
            self.write(&mut page, face, 10.0, LEFT, y, label);
            self.write_to(&mut page, face, 10.0, RIGHT, y, &amount.text());
        }
        rule(&mut page, y - 10.0);
        let remark = match (&invoice.credits, invoice.rebills.first(), &invoice.rebilled_as) {
            (Some(other), _, _) => format!("This credit note refers to invoice {other}."),
            (_, Some((other, _)), _) => format!("This invoice replaces invoice {other}."),
            (_, _, Some(other)) => format!("This invoice is void and was replaced by invoice {other}."),
            _ => "Thank you for your business.".to_owned(),
        };
        self.write(&mut page, Face::Regular, 9.0, LEFT, y - 34.0, &remark);
        self.foot(&mut page, 1);
        self.pages.push(page);
    }

    /// The daily lines behind the total: they make a file as large as a real one.
    fn usage_pages(&mut self) {
        let Billed {
            invoice, currency, ..
        } = self.found.billed;
        let lines = usize::try_from(self.draw.number(90..270)).unwrap_or(90);
        let net = invoice.total.0 - invoice.tax.0;
        let share = net / i64::try_from(lines).unwrap_or(1).max(1);
        let days = (invoice.period_end - invoice.period_start).whole_days().max(1);
        let mut left = net;
        let mut page = Content::new();
        let mut on_page = 0;
        for line in 0..lines {
            if on_page == 0 {
                page = Content::new();
                self.write(&mut page, Face::Bold, 11.0, LEFT, 790.0, "Usage charges");
                let heads = [
                    (LEFT, "Date"),
                    (104.0, "Service"),
                    (218.0, "Meter"),
                    (352.0, "Region"),
                    (430.0, "Unit"),
                ];
                for (x, head) in heads {
                    self.write(&mut page, Face::Bold, 8.0, x, 772.0, head);
                }
                self.write_to(&mut page, Face::Bold, 8.0, RIGHT, 772.0, currency);
                rule(&mut page, 767.0);
            }
            let cost = if line + 1 == lines {
                left
            } else {
                share + self.draw.number(-20..21) * share / 100
            };
            left -= cost;
            let day: Date = invoice.period_start + time::Duration::days(self.draw.number(0..days));
            let (service, meter, unit) = self.draw.choice(&SERVICES).copied().unwrap_or_default();
            let region = self.draw.choice(&REGIONS).copied().unwrap_or_default();
            let y = 754.0 - row(on_page, 12.0);
            for (x, text) in [
                (LEFT, day.to_string().as_str()),
                (104.0, service),
                (218.0, meter),
                (352.0, region),
                (430.0, unit),
            ] {
                self.write(&mut page, Face::Regular, 8.0, x, y, text);
            }
            self.write_to(&mut page, Face::Regular, 8.0, RIGHT, y, &Money(cost).text());
            on_page += 1;
            if on_page == LINES_ON_A_PAGE || line + 1 == lines {
                self.foot(&mut page, self.pages.len() + 1);
                self.pages.push(std::mem::replace(&mut page, Content::new()));
                on_page = 0;
            }
        }
    }

    fn foot(&mut self, page: &mut Content, number: usize) {
        let text = format!("{} {}", self.title(), self.found.billed.invoice.name);
        self.write(page, Face::Regular, 8.0, LEFT, 34.0, &text);
        self.write_to(page, Face::Regular, 8.0, RIGHT, 34.0, &format!("Page {number}"));
    }

    fn write(&mut self, page: &mut Content, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let bytes = self.encode(text);
        if bytes.is_empty() {
            return;
        }
        page.begin_text()
            .set_font(face.resource(), size)
            .next_line(x, y)
            .show(Str(&bytes))
            .end_text();
    }

    /// Text that ends at `x`: amounts and short capitals only, their widths are known without a font file.
    fn write_to(&mut self, page: &mut Content, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let thousandths: f32 = text
            .chars()
            .map(|letter| match letter {
                '.' | ',' | ' ' => 278.0,
                '-' => 333.0,
                'A'..='Z' => 690.0,
                _ => 556.0,
            })
            .sum();
        self.write(page, face, size, x - thousandths * size / 1000.0, y, text);
    }

    /// One byte for each letter: ASCII as it is, up to 128 others in the order of their appearance.
    fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        for letter in text.chars().filter(|letter| !is_invisible(*letter)) {
            if letter.is_ascii() {
                bytes.push(u8::try_from(letter).unwrap_or(b'?'));
                continue;
            }
            let at = self
                .letters
                .iter()
                .position(|known| *known == letter)
                .unwrap_or_else(|| {
                    self.letters.push(letter);
                    self.letters.len() - 1
                });
            bytes.push(u8::try_from(at + 128).unwrap_or(b'?'));
        }
        bytes
    }

    fn assemble(self) -> Vec<u8> {
        let mut next = 0;
        let mut allocate = || {
            next += 1;
            Ref::new(next)
        };
        let (catalogue, tree, regular, bold, to_unicode, information) = (
            allocate(),
            allocate(),
            allocate(),
            allocate(),
            allocate(),
            allocate(),
        );
        let pages: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (allocate(), allocate())).collect();
        let letters: Vec<char> = self.letters.iter().copied().take(128).collect();

        let mut pdf = Pdf::new();
        pdf.catalog(catalogue).pages(tree);
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree)
            .kids(pages.iter().map(|(page, _)| *page))
            .count(count);
        for ((page, content), written) in pages.iter().zip(self.pages) {
            let mut dictionary = pdf.page(*page);
            dictionary.media_box(PAGE).parent(tree).contents(*content);
            dictionary
                .resources()
                .fonts()
                .pair(Face::Regular.resource(), regular)
                .pair(Face::Bold.resource(), bold);
            dictionary.finish();
            pdf.stream(*content, &written.finish());
        }
        for (font, name) in [(regular, &b"Helvetica"[..]), (bold, &b"Helvetica-Bold"[..])] {
            let mut dictionary = pdf.type1_font(font);
            dictionary.base_font(Name(name)).to_unicode(to_unicode);
            let mut encoding = dictionary.encoding_custom();
            encoding.base_encoding(Name(b"WinAnsiEncoding"));
            if !letters.is_empty() {
                let names: Vec<String> = letters.iter().map(|letter| glyph_name(*letter)).collect();
                encoding
                    .differences()
                    .consecutive(128, names.iter().map(|name| Name(name.as_bytes())));
            }
            encoding.finish();
            dictionary.finish();
        }
        let system = SystemInfo {
            registry: Str(b"Adobe"),
            ordering: Str(b"UCS"),
            supplement: 0,
        };
        let mut map: UnicodeCmap<u8> = UnicodeCmap::new(Name(b"Letters"), system);
        for code in 0x20..0x7f_u8 {
            map.pair(code, char::from(code));
        }
        for (at, letter) in letters.iter().enumerate() {
            map.pair(u8::try_from(at + 128).unwrap_or(b'?'), *letter);
        }
        pdf.cmap(to_unicode, &map.finish());
        if self.found.document.padding > 0 {
            pdf.stream(allocate(), &vec![b' '; self.found.document.padding]);
        }

        let issued = self.found.billed.invoice.issued;
        let title = format!(
            "{} {}",
            title_of(&self.found.document.kind),
            self.found.billed.invoice.name
        );
        pdf.document_info(information)
            .title(TextStr(&title))
            .author(TextStr("Northwind Cloud Operations Ltd (simulated)"))
            .creation_date(
                PdfDate::new(u16::try_from(issued.year()).unwrap_or(2000))
                    .month(u8::from(issued.month()))
                    .day(issued.day())
                    .hour(issued.hour())
                    .minute(issued.minute())
                    .second(issued.second())
                    .utc_offset_hour(0),
            );
        pdf.finish()
    }
}

fn billed_as(scope: Scope) -> &'static str {
    match scope {
        Scope::Account(_) => "Billing account",
        Scope::Profile(..) => "Billing profile",
        Scope::Subscription(_) => "Subscription",
    }
}

fn title_of(kind: &str) -> &str {
    if kind.is_empty() { "Document" } else { kind }
}

fn row(index: usize, height: f32) -> f32 {
    // No page has more rows than a u16 counts.
    f32::from(u16::try_from(index).unwrap_or(u16::MAX)) * height
}

fn rule(page: &mut Content, y: f32) {
    page.set_line_width(0.5)
        .move_to(LEFT, y)
        .line_to(RIGHT, y)
        .stroke();
}

/// Direction and joiner marks: they have no shape of their own.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name of a letter's shape in the standard fonts (Adobe Glyph List); by code point where it has none.
fn glyph_name(letter: char) -> String {
    let known = match letter {
        'ā' => "amacron",
        'Ā' => "Amacron",
        'č' => "ccaron",
        'Č' => "Ccaron",
        'ē' => "emacron",
        'Ē' => "Emacron",
        'ģ' => "gcommaaccent",
        'Ģ' => "Gcommaaccent",
        'ī' => "imacron",
        'Ī' => "Imacron",
        'ķ' => "kcommaaccent",
        'Ķ' => "Kcommaaccent",
        'ļ' => "lcommaaccent",
        'Ļ' => "Lcommaaccent",
        'ņ' => "ncommaaccent",
        'Ņ' => "Ncommaaccent",
        'š' => "scaron",
        'Š' => "Scaron",
        'ū' => "umacron",
        'Ū' => "Umacron",
        'ž' => "zcaron",
        'Ž' => "Zcaron",
        'ł' => "lslash",
        'Ł' => "Lslash",
        'ë' => "edieresis",
        'é' => "eacute",
        '€' => "Euro",
        '–' => "endash",
        _ => "",
    };
    if known.is_empty() {
        format!("uni{:04X}", u32::from(letter))
    } else {
        known.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use time::macros::date;

    use super::*;
    use crate::scenario::Scenario;
    use crate::world::World;

    fn world(name: &str) -> World {
        World::new(&Scenario::named(name).unwrap(), 1, date!(2026 - 11 - 23))
    }

    #[test]
    fn every_document_is_whole_and_as_large_as_a_real_one() {
        for name in Scenario::NAMES {
            let world = world(name);
            for key in world.documents(0) {
                let found = world.find(key).unwrap();
                let bytes = content(found);
                assert_eq!(bytes, content(found));
                if found.document.is_transactions() {
                    assert!(bytes.starts_with(b"Date,") && bytes.ends_with(b"\r\n"));
                    continue;
                }
                assert!(bytes.starts_with(b"%PDF-"));
                assert!(bytes.ends_with(b"%%EOF"));
                let sizes = if found.document.is_short {
                    2_000..10_000
                } else {
                    20_000..80_000
                };
                assert!(sizes.contains(&bytes.len()), "{} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn no_two_documents_are_alike() {
        for name in ["awkward-names", "mixed", "large-240"] {
            let world = world(name);
            let all: Vec<Vec<u8>> = world
                .documents(0)
                .into_iter()
                .map(|key| content(world.find(key).unwrap()))
                .collect();
            let different: std::collections::HashSet<&Vec<u8>> = all.iter().collect();
            assert_eq!(all.len(), different.len());
        }
    }

    #[test]
    fn an_independent_reader_finds_what_is_printed() {
        if Command::new("pdftotext")
            .arg("-v")
            .stderr(Stdio::null())
            .status()
            .is_err()
        {
            eprintln!("not run: pdftotext is not installed");
            return;
        }
        for name in ["pay-as-you-go", "awkward-names"] {
            let world = world(name);
            for key in world.documents(0) {
                let found = world.find(key).unwrap();
                let mut reader = Command::new("pdftotext")
                    .args(["-layout", "-", "-"])
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                reader.stdin.take().unwrap().write_all(&content(found)).unwrap();
                let output = reader.wait_with_output().unwrap();
                assert_eq!(String::from_utf8_lossy(&output.stderr), "");
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(text.contains(&found.billed.invoice.name), "{text}");
                assert!(text.contains(&found.billed.invoice.total.text()), "{text}");
                if name == "pay-as-you-go" {
                    assert!(text.contains(found.billed.name), "{text}");
                    assert!(text.contains("Ilze Kalniņa"), "{text}");
                }
            }
        }
    }
}

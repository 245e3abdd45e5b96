//! Every hint in words, and the messages that are ready to send, in English, German and Latvian.

use portal_invoices::access::{
    Article, Ask, Hint, HintCode, Place, PlaceKind, RequestKind, Role, Severity, verdict_on_person,
};
use portal_invoices::azure::Account;
use portal_invoices::download::{Failure, FailureCode, ScopeAnswer, ScopeLine};
use portal_invoices::invoices::ScopeKind;
use portal_invoices::view::{Access, Choices, Language, Node, Strings, dock, row_sentence};

use crate::views::{account, facts, report, strings};

/// A hint with everything that any hint may have.
fn hint(code: HintCode) -> Hint {
    Hint {
        code,
        severity: Severity::Warning,
        place: Some(Place {
            kind: PlaceKind::Subscription,
            id: "11111111-2222-4333-8444-555555555555".into(),
            name: "Contoso Production".into(),
        }),
        subscriptions: vec!["11111111-2222-4333-8444-555555555555".into()],
        invoice: None,
        roles: vec![Role::Reader],
        who: vec!["ilze.kalnina@contoso.example".into()],
        ask: None,
        request: None,
        directory: Some((
            "Fabrikam AS".into(),
            "cccccccc-0000-4000-8000-000000000002".into(),
        )),
        article: Article::DownloadInvoice,
    }
}

/// What the dock shows of these hints.
fn shown(strings: &Strings, account: &Account, hints: &[Hint], chosen: &str) -> Vec<Node> {
    let choices = Choices::default();
    let mut facts = facts(strings, &choices);
    facts.account = Some(account);
    facts.directory = Some("Contoso SIA");
    facts.access = Some(Access {
        hints,
        is_asking: false,
        may_share: false,
        portal: strings,
        chosen,
    });
    let (surface, _) = dock(&facts);
    let section = surface.nodes.into_iter().find_map(|node| match node {
        Node::Section {
            key: "access", nodes, ..
        } => Some(nodes),
        _ => None,
    });
    section.unwrap_or_default()
}

fn title(node: &Node) -> &str {
    match node {
        Node::Notice { title, .. } => title,
        other => panic!("no notice: {other:?}"),
    }
}

/// A node and all below it, top to bottom.
fn all(nodes: &[Node]) -> Vec<&Node> {
    let mut found = Vec::new();
    for node in nodes {
        found.push(node);
        if let Node::Notice { nodes, .. } | Node::Section { nodes, .. } = node {
            found.extend(all(nodes));
        }
    }
    found
}

/// The languages of the snapshots.
fn languages() -> impl Iterator<Item = Language> {
    [Language::English, Language::German, Language::Latvian].into_iter()
}

fn words(nodes: &[Node]) -> String {
    let lines = all(nodes).into_iter().filter_map(|node| match node {
        Node::Notice { title, text, .. } => Some(format!("{title}\n    {text}")),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_hint_in_words() {
    let account = account();
    for language in languages() {
        let strings = strings(language);
        let mut text = String::new();
        for code in HintCode::ALL {
            let invoice = Some("E0400012AB".to_owned());
            let hint = Hint {
                invoice: invoice.filter(|_| strings.hint(*code, &[("invoice", "§")]).contains('§')),
                ..hint(*code)
            };
            let chosen = hint.invoice.clone().unwrap_or_default();
            let said = words(&shown(&strings, &account, std::slice::from_ref(&hint), &chosen));
            text.push_str(&format!("{}\n  {said}\n", code.as_str()));
        }
        insta::assert_snapshot!(format!("hints.{}", language.as_str()), text);
    }
}

#[test]
fn every_next_step_in_words() {
    for language in languages() {
        let strings = strings(language);
        let mut text = String::new();
        for ask in Ask::ALL {
            for who in ["ilze.kalnina@contoso.example", ""] {
                if who.is_empty() && !ask.names_somebody() {
                    continue;
                }
                let labels = [
                    ("who", who),
                    ("cost_management", "Cost Management + Billing"),
                    ("invoices", "Invoices"),
                    ("edit_details", "Edit invoice details"),
                    ("allow_others", "Allow others to download invoice"),
                    ("on", "On"),
                    ("save", "Save"),
                ];
                text.push_str(&format!(
                    "{}: {}\n",
                    ask.as_str(),
                    strings.hint_step(*ask, &labels)
                ));
            }
        }
        insta::assert_snapshot!(format!("steps.{}", language.as_str()), text);
    }
}

#[test]
fn every_request_is_ready_to_send() {
    let account = account();
    for language in languages() {
        let strings = strings(language);
        let mut text = String::new();
        for kind in RequestKind::ALL {
            let hint = Hint {
                request: Some(*kind),
                ..hint(HintCode::NotShared)
            };
            let nodes = shown(&strings, &account, &[hint], "");
            let copied = all(&nodes).into_iter().find_map(|node| match node {
                Node::Copy { content, .. } => Some(content.clone()),
                _ => None,
            });
            text.push_str(&format!("--- {}\n{}\n\n", kind.as_str(), copied.unwrap()));
        }
        insta::assert_snapshot!(format!("requests.{}", language.as_str()), text);
    }
}

#[test]
fn a_hint_as_the_dock_shows_it() {
    let strings = strings(Language::English);
    let hints = [
        Hint {
            ask: Some(Ask::Administrator),
            request: Some(RequestKind::Share),
            ..hint(HintCode::NotShared)
        },
        Hint {
            ask: Some(Ask::SwitchDirectory),
            ..hint(HintCode::OtherDirectory)
        },
        Hint {
            ask: Some(Ask::AllowOthers),
            severity: Severity::Success,
            ..hint(HintCode::Administrator)
        },
    ];
    insta::assert_json_snapshot!("hints.dock.en", shown(&strings, &account(), &hints, ""));
}

#[test]
fn where_nothing_could_be_found_out_it_can_be_asked_again() {
    let strings = strings(Language::English);
    let nodes = shown(&strings, &account(), &[], "");
    let again = |node: &&Node| {
        matches!(
            node,
            Node::Button {
                key: "check-access",
                ..
            }
        )
    };
    assert_eq!(nodes.iter().filter(again).count(), 1);
}

#[test]
fn the_same_about_several_places_is_said_once() {
    let strings = strings(Language::English);
    let about = |name: &str, id: &str| {
        let mut hint = hint(HintCode::NotShared);
        hint.subscriptions = vec![id.into()];
        hint.place = Some(Place {
            kind: PlaceKind::Subscription,
            id: id.into(),
            name: name.into(),
        });
        hint
    };
    let hints = [
        about("Archive", "a"),
        hint(HintCode::Deleted),
        about("Payroll", "b"),
    ];
    let nodes = shown(&strings, &account(), &hints, "");
    assert_eq!(
        title(&nodes[0]),
        "The invoices of Archive, Payroll are not shared with you"
    );
    let many: Vec<Hint> = ["A", "B", "C", "D", "E", "F"]
        .iter()
        .map(|name| about(name, name))
        .collect();
    let nodes = shown(&strings, &account(), &many, "");
    assert_eq!(
        title(&nodes[0]),
        "The invoices of A, B, C, D, … are not shared with you"
    );
}

#[test]
fn what_the_person_asked_about_comes_first() {
    let strings = strings(Language::English);
    let mut other = hint(HintCode::Deleted);
    other.subscriptions = vec!["22222222-2222-4333-8444-555555555555".into()];
    other.place = None;
    let mut of_invoice = hint(HintCode::DocumentWithheld);
    of_invoice.invoice = Some("E0400012AB".into());
    let hints = [hint(HintCode::NotShared), of_invoice, other];
    let first = |chosen: &str| title(&shown(&strings, &account(), &hints, chosen)[0]).to_owned();
    assert_eq!(
        first(""),
        "The invoices of Contoso Production are not shared with you"
    );
    assert_eq!(
        first("E0400012AB"),
        "Azure does not offer you the document of invoice E0400012AB"
    );
    assert_eq!(first("22222222-2222-4333-8444-555555555555"), " is deleted");
}

#[test]
fn names_from_azure_are_cut_and_stay_text() {
    let strings = strings(Language::English);
    let mut long = hint(HintCode::NotShared);
    let name = format!("<b>{}</b>", "ā".repeat(300));
    long.place = Some(Place {
        name,
        ..long.place.unwrap()
    });
    let sentence = row_sentence(&strings, &long);
    assert!(sentence.chars().count() < 130, "{sentence}");
    assert!(sentence.contains("<b>āā") && sentence.contains('…'));
}

#[test]
fn no_address_can_add_a_field_to_a_mail() {
    let strings = strings(Language::English);
    let hint = Hint {
        who: vec!["a@b.example?bcc=evil@evil.example&x,evil@evil.example".into()],
        request: Some(RequestKind::Share),
        ..hint(HintCode::NotShared)
    };
    let nodes = shown(&strings, &account(), &[hint], "");
    let link = all(&nodes).into_iter().find_map(|node| match node {
        Node::Link {
            key: "mail", href, ..
        } => Some(href.clone()),
        _ => None,
    });
    let link = link.unwrap();
    let (to, rest) = link.split_once('?').unwrap();
    assert_eq!(
        to,
        "mailto:a@b.example%3Fbcc%3Devil@evil.example%26x%2Cevil@evil.example"
    );
    let fields: Vec<&str> = rest
        .split('&')
        .map(|field| field.split('=').next().unwrap())
        .collect();
    assert_eq!(fields, ["subject", "body"]);
}

/// What a mail program shows of a part of a link.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn in_every_language_a_mail_says_what_is_asked_for_and_is_not_too_long() {
    let account = account();
    for language in Language::ALL {
        let strings = strings(*language);
        for kind in RequestKind::ALL {
            for id in [
                "11111111-2222-4333-8444-555555555555".to_owned(),
                "1, ".repeat(3000),
            ] {
                let mut hint = Hint {
                    request: Some(*kind),
                    ..hint(HintCode::NotShared)
                };
                hint.place.as_mut().unwrap().id = id.clone();
                let nodes = shown(&strings, &account, &[hint], "");
                let whole = all(&nodes).into_iter().find_map(|node| match node {
                    Node::Copy { content, .. } => Some(content.replace('\n', "\r\n")),
                    _ => None,
                });
                let link = all(&nodes).into_iter().find_map(|node| match node {
                    Node::Link {
                        key: "mail", href, ..
                    } => Some(href.clone()),
                    _ => None,
                });
                let (whole, link) = (whole.unwrap(), link.unwrap());
                assert!(link.len() <= 2000, "{} {}", language.as_str(), kind.as_str());
                let body = decoded(link.split_once("&body=").unwrap().1);
                assert!(whole.contains(body.trim_end_matches('…')), "{body}");
                assert!(
                    body.chars().count() > 60,
                    "{} {}: {body}",
                    language.as_str(),
                    kind.as_str()
                );
                if id.len() < 100 {
                    assert!(
                        body.contains("Contoso Production"),
                        "{} {}: {body}",
                        language.as_str(),
                        kind.as_str()
                    );
                }
            }
        }
    }
}

#[test]
fn a_person_who_sees_nothing_gets_a_hint_without_a_place() {
    let strings = strings(Language::English);
    let person = portal_invoices::access::PersonFacts {
        sees_nothing: Some(true),
        ..Default::default()
    };
    let nodes = shown(&strings, &account(), &verdict_on_person(person), "");
    assert_eq!(
        title(&nodes[0]),
        "This account sees neither a subscription nor a billing account"
    );
}

#[test]
fn only_what_stands_in_the_way_takes_the_place_of_a_refusal_in_a_report() {
    let strings = strings(Language::English);
    let choices = Choices::default();
    let account = account();
    let id = "11111111-2222-4333-8444-555555555555";
    let said = |hint: Hint| {
        let mut report = report();
        report.scopes = vec![ScopeLine {
            kind: ScopeKind::Subscription,
            name: "Contoso Production".into(),
            id: id.into(),
            answer: ScopeAnswer::Refused(Failure::plain(FailureCode::NotVisible)),
        }];
        let hints = [hint];
        let mut facts = facts(&strings, &choices);
        facts.account = Some(&account);
        facts.report = Some(&report);
        facts.access = Some(Access {
            hints: &hints,
            is_asking: false,
            may_share: false,
            portal: &strings,
            chosen: "",
        });
        let (surface, _) = dock(&facts);
        let lines = all(&surface.nodes);
        let items = lines.into_iter().filter_map(|node| match node {
            Node::List { items, .. } => Some(items),
            _ => None,
        });
        let mut texts = items.flatten().map(|item| item.text.clone());
        texts.find(|text| text.contains("Contoso Production")).unwrap()
    };
    let disabled = said(Hint {
        severity: Severity::Info,
        ..hint(HintCode::Disabled)
    });
    let withheld = said(hint(HintCode::NotShared));
    assert!(!disabled.contains("stay available"), "{disabled}");
    assert_ne!(withheld, disabled);
}

#[test]
fn a_report_says_why_an_invoice_has_no_document_where_that_is_known() {
    let strings = strings(Language::English);
    let mut withheld = hint(HintCode::DocumentWithheld);
    withheld.invoice = Some("E0400012AB".into());
    withheld.ask = Some(Ask::Administrator);
    let withheld = [withheld];
    let choices = Choices::default();
    let mut report = report();
    report.not_offered = vec![
        "2026-11-20 Contoso E0400012AB".into(),
        "2026-11-20 Contoso E0400012ZZ".into(),
    ];
    let mut facts = facts(&strings, &choices);
    let account = account();
    facts.account = Some(&account);
    facts.report = Some(&report);
    facts.access = Some(Access {
        hints: &withheld,
        is_asking: false,
        may_share: false,
        portal: &strings,
        chosen: "",
    });
    let (surface, _) = dock(&facts);
    let lines: Vec<&str> = all(&surface.nodes)
        .into_iter()
        .filter_map(|node| match node {
            Node::List { items, .. } => Some(items),
            _ => None,
        })
        .flatten()
        .map(|item| &*item.text)
        .filter(|text| text.contains("E0400012"))
        .collect();
    assert_eq!(
        lines,
        [
            "2026-11-20 Contoso E0400012AB: You see the invoice, but the account administrator has not allowed others to \
             download it. Ask the account administrator, ilze.kalnina@contoso.example, to allow it.",
            "2026-11-20 Contoso E0400012ZZ",
        ]
    );
}

//! Invariant 8: every text exists in every language with the same placeholders.

use std::collections::{BTreeMap, BTreeSet};

use portal_invoices::access::{Ask, HintCode, RequestKind, Role};
use portal_invoices::azure::Cloud;
use portal_invoices::background::NEEDED_HOSTS;
use portal_invoices::download::FailureCode;
use portal_invoices::sharing::{PersonStep, Surprise, WalkStep};
use portal_invoices::view::{Language, Phrase};
use serde_json::Value;

use crate::views::{messages, plural_form, plural_rules};

/// The texts of a language by name and plural form, which is empty for a text that is not counted.
type Texts = BTreeMap<String, BTreeMap<String, String>>;

const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn texts(language: Language) -> Texts {
    let all: BTreeMap<String, Value> = serde_json::from_str(&messages(language)).unwrap();
    let mut found = Texts::new();
    for (key, entry) in all {
        let text = entry["message"].as_str().unwrap();
        let declared: BTreeSet<String> = entry["placeholders"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(placeholders(text), declared, "{key} in {}", language.as_str());
        assert_eq!(text.matches('$').count() % 2, 0, "{key} in {}", language.as_str());
        assert!(!text.trim().is_empty(), "{key} in {}", language.as_str());
        let counted = key.rsplit_once('_').filter(|(name, form)| {
            FORMS.contains(form) && Phrase::COUNTED.iter().any(|phrase| phrase.as_str() == *name)
        });
        let (name, form) = counted.unwrap_or((&key, ""));
        let forms = found.entry(name.to_owned()).or_default();
        forms.insert(form.to_owned(), text.to_owned());
    }
    found
}

fn placeholders(text: &str) -> BTreeSet<String> {
    let names = text.split('$').skip(1).step_by(2);
    names.map(str::to_lowercase).collect()
}

/// How many of the whole numbers up to 10,000 take each plural form.
fn plural_forms(language: Language) -> BTreeMap<&'static str, usize> {
    let rules = plural_rules(language.as_str());
    let mut forms = BTreeMap::new();
    for count in 0..=10_000 {
        *forms.entry(plural_form(&rules, count)).or_default() += 1;
    }
    forms
}

#[test]
fn all_languages_have_the_same_texts_and_placeholders() {
    let english = texts(Language::English);
    for language in Language::ALL {
        let (all, forms_of_one) = (texts(*language), plural_forms(*language));
        let names = |texts: &Texts| texts.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&all), names(&english), "{}", language.as_str());
        for (name, forms) in &all {
            let wanted = placeholders(english[name].values().next_back().unwrap());
            for (form, text) in forms {
                let mut used = placeholders(text);
                // One document is as well said in words, where the form is for no other number.
                if forms_of_one.get(form.as_str()) == Some(&1) {
                    used.extend(wanted.get("count").cloned());
                }
                assert_eq!(used, wanted, "{name} {form} in {}", language.as_str());
            }
        }
    }
}

#[test]
fn every_language_has_its_folder_and_every_folder_its_language() {
    let folder = format!("{}/extension/_locales", env!("CARGO_MANIFEST_DIR"));
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let spoken = Language::ALL
        .iter()
        .map(|language| language.as_str().replace('-', "_"))
        .collect();
    assert_eq!(there, spoken);
}

#[test]
fn every_phrase_and_every_failure_has_its_words_and_there_are_no_others() {
    let mut needed: BTreeSet<String> = Phrase::ALL
        .iter()
        .map(|phrase| phrase.as_str().to_owned())
        .collect();
    for code in FailureCode::ALL {
        needed.insert(format!("reason_{}", code.as_str()));
        needed.insert(format!("step_{}", code.as_str()));
    }
    for code in HintCode::ALL {
        needed.insert(format!("hint_{}", code.as_str()));
        needed.insert(format!("why_{}", code.as_str()));
    }
    for ask in Ask::ALL {
        needed.insert(format!("ask_{}", ask.as_str()));
        if ask.names_somebody() {
            needed.insert(format!("ask_{}Unknown", ask.as_str()));
        }
    }
    needed.extend(Role::ALL.iter().map(|role| format!("role_{}", role.as_str())));
    for kind in RequestKind::ALL {
        needed.insert(format!("request_{}", kind.as_str()));
        needed.insert(format!("requestBody_{}", kind.as_str()));
    }
    needed.extend(
        WalkStep::ALL
            .iter()
            .map(|step| format!("sharingStep_{}", step.as_str())),
    );
    needed.extend(
        PersonStep::ALL
            .iter()
            .map(|step| format!("sharingPerson_{}", step.as_str())),
    );
    needed.insert("sharingPerson_chooseOptionOff".to_owned());
    needed.extend(
        Surprise::ALL
            .iter()
            .map(|surprise| format!("sharingSurprise_{}", surprise.as_str())),
    );
    // The manifest's own.
    needed.extend(["extensionDescription".to_owned(), "actionTitle".to_owned()]);
    let there: BTreeSet<String> = texts(Language::English).into_keys().collect();
    assert_eq!(there, needed);
}

#[test]
fn counted_phrases_have_every_plural_form_of_their_language() {
    for language in Language::ALL {
        let all = texts(*language);
        let mut needed: BTreeSet<&str> = plural_forms(*language).into_keys().collect();
        // The one that stands in for all others, and for fractions.
        needed.insert("other");
        for phrase in Phrase::COUNTED {
            let forms: BTreeSet<&str> = all[phrase.as_str()].keys().map(String::as_str).collect();
            assert_eq!(forms, needed, "{} in {}", phrase.as_str(), language.as_str());
        }
    }
}

#[test]
fn the_stores_take_name_and_description() {
    for language in Language::ALL {
        let all = texts(*language);
        let length = |name: &str| all[name][""].chars().count();
        assert_eq!(all["extensionName"][""], "Portal Invoices");
        assert!(length("extensionDescription") <= 132, "{}", language.as_str());
    }
}

/// Names and bare placeholders, which are the same in every language.
const UNTRANSLATED: &[&str] = &["extensionName", "actionTitle", "signInAndDirectory", "whatAndWhy"];

/// Words that are the same in English and another language.
const SAME_WORDS: &[(Language, &[&str])] = &[
    (Language::Indonesian, &["total"]),
    (Language::German, &["optionsDownloads"]),
    (Language::Spanish, &["total"]),
    (
        Language::French,
        &["net", "options", "optionsNotifications", "total"],
    ),
    // No portal speaks Latvian: its labels are read in English, and so are roles that only the portal names.
    (
        Language::Latvian,
        &[
            "portalAllowOthers",
            "portalCostManagement",
            "portalEditInvoiceDetails",
            "portalInvoices",
            "portalNotAvailable",
            "portalOff",
            "portalOn",
            "portalSave",
            "role_billingReader",
            "role_costManagementContributor",
            "role_costManagementReader",
            "role_userAccessAdministrator",
        ],
    ),
    // Microsoft leaves these in English.
    (
        Language::Dutch,
        &[
            "optionsDownloads",
            "role_costManagementContributor",
            "role_costManagementReader",
            "sharingGuide_open",
        ],
    ),
    (Language::BrazilianPortuguese, &["optionsDownloads", "total"]),
    (Language::EuropeanPortuguese, &["total"]),
    (Language::Swedish, &["period"]),
    (Language::Turkish, &["net"]),
];

#[test]
fn no_text_is_left_in_english() {
    let english = texts(Language::English);
    let mut left = Vec::new();
    for language in Language::ALL.iter().filter(|each| **each != Language::English) {
        for (name, forms) in texts(*language) {
            let is_same = forms
                .values()
                .any(|text| english[&name].values().any(|each| each == text));
            let same_words = SAME_WORDS.iter().filter(|(of, _)| of == language);
            let reviewed = same_words.flat_map(|(_, names)| *names).chain(UNTRANSLATED);
            if is_same && !reviewed.into_iter().any(|each| *each == name) {
                left.push(format!("{} {name}: {forms:?}", language.as_str()));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_tag_tells_its_language_however_it_is_written() {
    for (tags, language) in [
        (
            &["en", "en-GB", "EN_us", "en.en-us", "en.de-de"][..],
            Some(Language::English),
        ),
        (
            &["de", "de-AT", "de-1996", "de.de-ch", "DE"],
            Some(Language::German),
        ),
        (&["lv", "lv-LV", "LV", "lv_LV"], Some(Language::Latvian)),
        (&["es-419", "es.es-es"], Some(Language::Spanish)),
        (&["fr-CA", "fr.fr-fr"], Some(Language::French)),
        (&["it.it-it"], Some(Language::Italian)),
        (
            &["ja", "ja-JP", "ja-JP-u-ca-japanese", "ja.ja-jp"],
            Some(Language::Japanese),
        ),
        (&["id", "id.id-id"], Some(Language::Indonesian)),
        (&["ko-KR", "ko.ko-kr"], Some(Language::Korean)),
        (&["ru", "ru.ru-ru"], Some(Language::Russian)),
        (&["cs.cs-cz"], Some(Language::Czech)),
        (&["nl-BE", "nl.nl-nl"], Some(Language::Dutch)),
        (&["hu.hu-hu"], Some(Language::Hungarian)),
        (&["pl.pl-pl"], Some(Language::Polish)),
        (&["sv-FI", "sv.sv-se"], Some(Language::Swedish)),
        (&["tr.tr-tr"], Some(Language::Turkish)),
        (
            &[
                "pt",
                "pt-BR",
                "pt_BR",
                "pt-br.pt-br",
                "pt-Latn-BR",
                "pt.pt-br",
                "pt-u-nu-latn",
            ],
            Some(Language::BrazilianPortuguese),
        ),
        (
            &["pt-PT", "pt-pt.pt-pt", "pt-AO", "pt-Latn-PT"],
            Some(Language::EuropeanPortuguese),
        ),
        (
            &[
                "zh",
                "zh-CN",
                "zh-SG",
                "zh-Hans",
                "zh-hans.zh-cn",
                "zh-Hans-HK",
                "zh-u-co-tw",
            ],
            Some(Language::SimplifiedChinese),
        ),
        (
            &[
                "zh-TW",
                "zh-HK",
                "zh-MO",
                "zh-Hant",
                "zh-hant.zh-tw",
                "zh-Hant-CN",
                "zh_TW",
            ],
            Some(Language::TraditionalChinese),
        ),
        (
            &["nb", "nb-NO", "fil", "dev", "lvx", "", "-", ".", "x-de", "123"],
            None,
        ),
    ] {
        for tag in tags {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
    for language in Language::ALL {
        assert_eq!(Language::of_tag(language.as_str()), Some(*language));
    }
}

#[test]
fn the_language_is_the_choice_else_what_only_the_browser_speaks_else_the_portals() {
    for (choice, browser, portal, picked) in [
        // The person's choice stands above everything.
        (Some(Language::English), "lv", "de.de-de", Language::English),
        (Some(Language::Polish), "lv-LV", "", Language::Polish),
        // No portal speaks Latvian, so its readers have set theirs to something else.
        (None, "lv", "en.en-us", Language::Latvian),
        (None, "lv-LV", "ru.ru-ru", Language::Latvian),
        (None, "lv", "", Language::Latvian),
        // All others get the language that surrounds the dock.
        (None, "en-US", "de.de-de", Language::German),
        (None, "de", "en.en-us", Language::English),
        (None, "en", "ja", Language::Japanese),
        (None, "pt-BR", "pt-pt.pt-pt", Language::EuropeanPortuguese),
        (None, "zh-TW", "zh-hans.zh-cn", Language::SimplifiedChinese),
        // Pages of the extension have no portal around them.
        (None, "de-AT", "", Language::German),
        (None, "zh-HK", "", Language::TraditionalChinese),
        // Nobody's: English.
        (None, "nb", "", Language::English),
        (None, "nb", "nb-NO", Language::English),
        (None, "de", "nb-NO", Language::English),
        (None, "", "", Language::English),
    ] {
        let what = format!("{choice:?}, browser {browser:?}, portal {portal:?}");
        assert_eq!(Language::pick(choice, browser, portal), picked, "{what}");
    }
}

#[test]
fn storage_accounts_can_be_granted_and_then_reached() {
    let path = format!("{}/extension/manifest.json", env!("CARGO_MANIFEST_DIR"));
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let storage = format!("https://*{}", Cloud::Public.blob_suffix());
    let optional = manifest["optional_host_permissions"].as_array().unwrap();
    assert!(optional.contains(&Value::from(format!("{storage}/*"))));
    // In both browsers the policy holds for the background's own requests, granted or not.
    let policy = manifest["content_security_policy"]["extension_pages"]
        .as_str()
        .unwrap();
    let connect = format!("connect-src 'self' https://management.azure.com {storage};");
    assert!(policy.contains(&connect), "{policy}");
    assert!(Cloud::Public.is_grantable("any.blob.core.windows.net"));
    assert!(!Cloud::Public.is_grantable("blob.core.windows.net.example"));
}

#[test]
fn what_the_popup_asks_for_is_what_the_manifest_requires() {
    let path = format!("{}/extension/manifest.json", env!("CARGO_MANIFEST_DIR"));
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let required: Vec<&str> = manifest["host_permissions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    for host in NEEDED_HOSTS {
        assert!(required.contains(&host), "{host}");
    }
}

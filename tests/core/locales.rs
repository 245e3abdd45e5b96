//! Invariant 8: every text exists in every language with the same placeholders.

use std::collections::{BTreeMap, BTreeSet};

use portal_invoices::access::{Ask, HintCode, RequestKind, Role};
use portal_invoices::azure::Cloud;
use portal_invoices::background::NEEDED_HOSTS;
use portal_invoices::download::FailureCode;
use portal_invoices::view::{Language, Phrase};
use serde_json::Value;

use crate::views::messages;

/// Placeholders of each text; plural forms count as one.
fn placeholders(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let all: BTreeMap<String, Value> = serde_json::from_str(&messages(language)).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, entry) in all {
        let text = entry["message"].as_str().unwrap();
        let used: BTreeSet<String> = text
            .split('$')
            .skip(1)
            .step_by(2)
            .map(str::to_lowercase)
            .collect();
        let declared: BTreeSet<String> = entry["placeholders"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(used, declared, "{key} in {}", language.as_str());
        assert!(!text.trim().is_empty(), "{key} in {}", language.as_str());
        let counted = Phrase::COUNTED
            .iter()
            .find(|phrase| key.starts_with(&format!("{}_", phrase.as_str())));
        found.insert(counted.map_or(key, |phrase| phrase.as_str().to_owned()), used);
    }
    found
}

#[test]
fn all_languages_have_the_same_texts_and_placeholders() {
    let english = placeholders(Language::English);
    for language in Language::ALL {
        assert_eq!(placeholders(*language), english, "{}", language.as_str());
    }
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
    // The manifest's own.
    needed.extend(["extensionDescription".to_owned(), "actionTitle".to_owned()]);
    let there: BTreeSet<String> = placeholders(Language::English).into_keys().collect();
    assert_eq!(there, needed);
}

#[test]
fn counted_phrases_have_every_plural_form_of_their_language() {
    for (language, forms) in [
        (Language::English, &["one", "other"][..]),
        (Language::Latvian, &["zero", "one", "other"]),
    ] {
        let all: BTreeMap<String, Value> = serde_json::from_str(&messages(language)).unwrap();
        for phrase in Phrase::COUNTED {
            for form in forms {
                assert!(
                    all.contains_key(&format!("{}_{form}", phrase.as_str())),
                    "{} {form}",
                    phrase.as_str()
                );
            }
        }
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

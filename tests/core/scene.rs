//! What a face tells of a page, and the words of the portal.

use std::collections::BTreeSet;

use portal_invoices::sharing::{Act, Control, ControlRole, Form, Label, Labels, Scene, Surprise, Walk};
use serde_json::{Value, json};

use crate::walk::{all_words, english, target};

#[test]
fn a_scene_is_read_or_it_is_none() {
    let control = json!({
        "number": 7, "role": "combobox", "name": "Subscription", "hook": "h", "on": true, "disabled": true,
        "form": 0, "group": 3, "value": "v", "options": [{"value": "v", "text": "t"}],
    });
    let scene = Scene::read(&json!({
        "forms": [{"title": "T", "status": "S", "alert": true, "busy": true}],
        "controls": [control],
    }));
    let scene = scene.unwrap();
    assert_eq!(
        scene.forms,
        [Form {
            title: "T".into(),
            status: "S".into(),
            is_alert: true,
            is_busy: true
        }]
    );
    assert_eq!(
        scene.controls,
        [Control {
            number: 7,
            role: ControlRole::Combobox,
            name: "Subscription".into(),
            hook: "h".into(),
            is_on: Some(true),
            is_disabled: true,
            form: Some(0),
            group: 3,
            value: "v".into(),
            options: vec![("v".into(), "t".into())],
        }]
    );
    let empty = json!({"controls": []});
    assert_eq!(Scene::read(&empty), Some(Scene::default()));
    let nothing = [
        json!(null),
        json!([]),
        json!("controls"),
        json!(1),
        json!({}),
        json!({"forms": []}),
        json!({"controls": {}}),
        json!({"controls": "[]"}),
        json!({"controls": [null]}),
        json!({"controls": [[]]}),
        json!({"controls": [{"number": 1}]}),
        json!({"controls": [{"role": "button"}]}),
        json!({"controls": [{"number": 1, "role": "textbox"}]}),
        json!({"controls": [{"number": "1", "role": "button"}]}),
        json!({"controls": [{"number": -1, "role": "button"}]}),
        json!({"controls": [{"number": 1.5, "role": "button"}]}),
        // It would be another control's number in 32 bits.
        json!({"controls": [{"number": 4_294_967_297u64, "role": "button"}]}),
        // A form that there is not.
        json!({"controls": [{"number": 1, "role": "button", "form": 0}]}),
        json!({"forms": [{}], "controls": [{"number": 1, "role": "button", "form": 4_294_967_296u64}]}),
        // Two controls of one number.
        json!({"controls": [{"number": 1, "role": "button"}, {"number": 1, "role": "link"}]}),
    ];
    for told in nothing {
        assert_eq!(Scene::read(&told), None, "{told}");
    }
}

#[test]
fn what_has_another_shape_in_a_scene_means_nothing() {
    let scene = Scene::read(&json!({
        "forms": [{"title": 1, "status": null, "alert": "true", "busy": 1}, null, 5],
        "controls": [{
            "number": 1, "role": "radio", "name": ["On"], "hook": {}, "on": "true", "disabled": "true",
            "form": "0", "group": -1, "value": false, "options": {"value": "v"},
        }],
    }));
    let scene = scene.unwrap();
    assert_eq!(scene.forms, vec![Form::default(); 3]);
    let control = &scene.controls[0];
    assert_eq!(
        (control.is_on, control.is_disabled, control.form),
        (None, false, None)
    );
    assert_eq!(control.name.len() + control.hook.len() + control.value.len(), 0);
    assert!(control.options.is_empty());
    assert_eq!(control.group, 0);
}

#[test]
fn a_huge_page_is_looked_at_in_part_and_its_forms_first() {
    let long = "ä".repeat(100_000);
    let control = |number: usize| match number % 100 {
        99 => json!({"number": number, "role": "button", "form": 0, "name": long}),
        _ => json!({"number": number, "role": "link"}),
    };
    let controls: Vec<Value> = (0..10_000).map(control).collect();
    let options: Vec<Value> = (0..10_000)
        .map(|at| json!({"value": at.to_string(), "text": long}))
        .collect();
    let mut told = json!({"forms": vec![json!({"title": long}); 1000], "controls": controls});
    told["controls"][9_999]["options"] = json!(options);
    let scene = Scene::read(&told).unwrap();
    assert!(scene.controls.len() <= 2000);
    assert!(scene.forms.len() <= 200);
    let in_forms: Vec<&Control> = scene
        .controls
        .iter()
        .filter(|control| control.form.is_some())
        .collect();
    assert_eq!(in_forms.len(), 100, "of forms, everything");
    assert!(in_forms.iter().all(|control| control.name.chars().count() == 300));
    assert_eq!(scene.forms[0].title.chars().count(), 300);
    assert_eq!(in_forms[99].options.len(), 1000);
    let numbers = scene.controls.iter().map(|control| control.number);
    assert!(numbers.is_sorted(), "in the order of the document");
    let mut walk = Walk::new(target(true), Labels::read(&english()));
    assert_eq!(walk.next(&scene, true), Act::Stop(Surprise::NothingToPress));
}

#[test]
fn names_are_compared_as_people_read_them() {
    let labels = Labels::read(
        &json!({"save": ["Save"], "on": ["Вкл.", "l’on"], "off": [""], "subscription": "no list"}),
    );
    for name in [
        "Save",
        "save",
        "  SAVE ",
        "Save…",
        "Save:",
        "Save *",
        "Sa\u{a0}ve".replace('\u{a0}', "").as_str(),
    ] {
        assert!(labels.is(Label::Save, name), "{name:?}");
    }
    for name in ["", "Save as", "Save and close", "Don't save", "On", "*", "..."] {
        assert!(!labels.is(Label::Save, name), "{name:?}");
    }
    assert!(labels.is(Label::On, "Вкл") && labels.is(Label::On, "L'ON"));
    assert!(
        !labels.knows(Label::Off) && !labels.is(Label::Off, ""),
        "an empty wording is none"
    );
    assert!(!labels.knows(Label::Subscription));
}

#[test]
fn the_words_of_every_language_of_the_portal_are_in_shape_and_mean_one_thing() {
    let languages = [
        "en", "de", "es", "fr", "it", "ja", "id", "ko", "pt-BR", "ru", "zh-CN", "zh-TW", "cs", "nl", "hu",
        "pt-PT", "pl", "sv", "tr",
    ];
    let all = all_words();
    assert_eq!(
        all.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        languages.into()
    );
    for (language, words) in &all {
        let labels = Labels::read(words);
        for label in [Label::AllowOthers, Label::Subscription, Label::On, Label::Save] {
            assert!(labels.knows(label), "{} in {language}", label.as_str());
        }
        assert_eq!(labels.knows(Label::Off), language != "pt-PT", "{language}");
        let names = words.as_object().unwrap();
        let known = Label::ALL
            .iter()
            .filter(|label| names.contains_key(label.as_str()))
            .count();
        assert_eq!(known, names.len(), "only labels: {language}");
        for label in Label::ALL
            .iter()
            .filter(|label| names.contains_key(label.as_str()))
        {
            let wordings = words[label.as_str()].as_array().unwrap();
            assert!(!wordings.is_empty(), "{} in {language}", label.as_str());
            for (at, wording) in wordings.iter().enumerate() {
                let wording = wording.as_str().unwrap();
                assert_eq!(wording.trim(), wording, "{language}");
                assert!(
                    (1..=100).contains(&wording.chars().count()),
                    "{wording} in {language}"
                );
                assert!(
                    !wordings[..at].contains(&json!(wording)),
                    "{wording} twice in {language}"
                );
                // Any two labels can be in one form: the list, the options, what saves, and a link to the form.
                let means: Vec<&str> = Label::ALL
                    .iter()
                    .filter(|label| labels.is(**label, wording))
                    .map(|label| label.as_str())
                    .collect();
                assert_eq!(means, [label.as_str()], "{wording} in {language}");
            }
        }
    }
}

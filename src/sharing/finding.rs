//! Which control of a scene is which of the pages of sharing: by role, words, hooks and structure, never by position.
//! Must not know: what was done before, or what is done with a control.

use crate::mention::mentions;

use super::labels::{Label, Labels};
use super::scene::{Control, ControlRole, Form, MOST_OPTIONS, Scene};
use super::walk::{Surprise, Target};

/// Commands that lead to the form of sharing, the most direct first, with what their hooks have in them, letters alone.
pub(super) const COMMANDS: [(Label, &str); 3] = [
    (Label::AllowOthers, "allowotherstodownloadinvoice"),
    (Label::AccessToInvoice, "accesstoinvoice"),
    (Label::EditInvoiceDetails, "editinvoicedetails"),
];

/// How it is known that a form is the one of sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Its title says so.
    Titled,
    /// Its title says that it is about the details of invoices, and it has the option of sharing. What else is in it
    /// may be on or off as well, so that those words mean nothing.
    Details,
    /// The person opened it when they were asked to: its title is unknown.
    Person,
}

/// The option that is wanted.
pub(super) struct Choice<'a> {
    pub(super) control: &'a Control,
    /// Whether it is chosen, and nothing that excludes it.
    pub(super) is_as_wanted: bool,
}

/// The only one of some; `None` for none.
pub(super) fn only<'a>(
    mut found: impl Iterator<Item = &'a Control>,
) -> Result<Option<&'a Control>, Surprise> {
    let first = found.next();
    match found.next() {
        Some(_) => Err(Surprise::FoundTwice),
        None => Ok(first),
    }
}

/// The controls of a form.
pub(super) fn in_form(scene: &Scene, at: usize) -> impl Iterator<Item = &Control> + Clone {
    let controls = scene.controls.iter();
    controls.filter(move |control| control.form == Some(at))
}

/// The controls of a form of which one, or some together, say what is chosen.
pub(super) fn options(scene: &Scene, at: usize) -> impl Iterator<Item = &Control> + Clone {
    in_form(scene, at).filter(|control| control.role == ControlRole::Radio || is_switch(control))
}

pub(super) fn is_switch(control: &Control) -> bool {
    matches!(control.role, ControlRole::Switch | ControlRole::Checkbox)
}

/// Which command a control is.
pub(super) fn command_of(control: &Control, labels: &Labels) -> Option<Label> {
    let can_lead = matches!(
        control.role,
        ControlRole::Button | ControlRole::Link | ControlRole::MenuItem | ControlRole::Tab
    );
    if !can_lead {
        return None;
    }
    let hook = letters(&control.hook);
    let hooked = || COMMANDS.iter().find(|(_, mark)| mentions(&hook, mark));
    let named = labels.which(&COMMANDS.map(|(label, _)| label), &control.name);
    named.or_else(|| hooked().map(|(label, _)| *label))
}

/// The most direct command that leads to the form. With the form of details asked for, what is in a form goes before
/// what is not.
pub(super) fn command<'a>(
    scene: &'a Scene,
    labels: &Labels,
    except_in: Option<usize>,
    asked_for_details: bool,
) -> Result<Option<(&'a Control, Label)>, Surprise> {
    for (label, _) in COMMANDS {
        if asked_for_details && label == Label::EditInvoiceDetails {
            continue;
        }
        let are = scene.controls.iter().filter(|control| {
            command_of(control, labels) == Some(label) && (except_in.is_none() || control.form != except_in)
        });
        let in_forms = are.clone().filter(|control| control.form.is_some());
        let found = match asked_for_details && in_forms.clone().next().is_some() {
            true => only(in_forms)?,
            false => only(are)?,
        };
        if let Some(control) = found {
            return Ok(Some((control, label)));
        }
    }
    Ok(None)
}

/// What closes a form.
pub(super) fn close(scene: &Scene, at: usize) -> Option<&Control> {
    let closes = |control: &&Control| {
        control.role == ControlRole::Button && mentions(&letters(&control.hook), "close")
    };
    only(in_form(scene, at).filter(closes))
        .ok()
        .flatten()
        .filter(|control| !control.is_disabled)
}

/// The form of sharing.
pub(super) fn form(
    scene: &Scene,
    labels: &Labels,
    opened_by_person: Option<&str>,
) -> Result<Option<(usize, Trust)>, Surprise> {
    let is_titled = |(_, form): &(usize, &Form)| {
        labels
            .which(&[Label::AllowOthers, Label::AccessToInvoice], &form.title)
            .is_some()
    };
    let has_sharing = |(at, form): &(usize, &Form)| {
        let is_sharing = |control: &Control| labels.is(Label::SubscriptionAccess, &control.name);
        labels.is(Label::EditInvoiceDetails, &form.title) && options(scene, *at).any(is_sharing)
    };
    let is_persons = |(_, form): &(usize, &Form)| Some(form.title.as_str()) == opened_by_person;
    let forms = || scene.forms.iter().enumerate();
    let found = [
        (forms().filter(is_titled).collect(), Trust::Titled),
        (forms().filter(has_sharing).collect(), Trust::Details),
        (forms().filter(is_persons).collect::<Vec<_>>(), Trust::Person),
    ];
    match found.iter().find(|(forms, _)| !forms.is_empty()) {
        None => Ok(None),
        Some((forms, trust)) => match forms.as_slice() {
            [(at, _)] => Ok(Some((*at, *trust))),
            _ => Err(Surprise::FoundTwice),
        },
    }
}

/// The form's list of subscriptions.
pub(super) fn list<'a>(
    scene: &'a Scene,
    at: usize,
    labels: &Labels,
    target: &Target,
) -> Result<Option<&'a Control>, Surprise> {
    let lists = in_form(scene, at).filter(|control| control.role == ControlRole::Combobox);
    let named = lists
        .clone()
        .filter(|list| labels.is(Label::Subscription, &list.name));
    let offering = lists.filter(|list| !matches!(offered(list, target), Ok(None)));
    match only(named) {
        Ok(None) => only(offering),
        Ok(list) => Ok(list),
        // Of two lists of that name, the one that offers the subscription.
        Err(surprise) => only(offering)?.map(Some).ok_or(surprise),
    }
}

/// Whether a form has any list.
pub(super) fn has_list(scene: &Scene, at: usize) -> bool {
    in_form(scene, at).any(|control| control.role == ControlRole::Combobox)
}

/// The option of a list that is the subscription: its id decides, and where an option tells none, its name, as long as
/// that can be no other one's: nothing else in sight bears it, and the list was told whole.
pub(super) fn offered<'a>(
    list: &'a Control,
    target: &Target,
) -> Result<Option<&'a (String, String)>, Surprise> {
    let is_name_enough =
        target.is_only_of_name && !target.name.trim().is_empty() && list.options.len() < MOST_OPTIONS;
    // A name may have another subscription's id in it.
    let is_it = |(value, text): &&(String, String)| {
        let (in_value, in_text) = (ids_in(value), ids_in(text));
        let ids = if in_value.is_empty() { in_text } else { in_value };
        match ids.is_empty() {
            false => ids.iter().all(|id| *id == target.subscription),
            true => is_name_enough && text.trim() == target.name.trim(),
        }
    };
    let mut found = list.options.iter().filter(is_it);
    let first = found.next();
    match found.next() {
        Some(_) => Err(Surprise::FoundTwice),
        None => Ok(first),
    }
}

/// Whether a list shows that this option of it is chosen.
pub(super) fn is_chosen(list: &Control, option: &(String, String)) -> bool {
    let shows = |of: &&(String, String)| list.value == of.0 || list.value == of.1;
    let is_the_only_one = list.options.iter().filter(shows).count() <= 1;
    !list.value.is_empty() && (list.value == option.0 || list.value == option.1) && is_the_only_one
}

/// The GUIDs in a text, lower case.
fn ids_in(text: &str) -> Vec<String> {
    const SHAPE: &[u8] = b"00000000-0000-0000-0000-000000000000";
    let has_shape = |part: &&[u8]| {
        let mut pairs = part.iter().zip(SHAPE);
        pairs.all(|(letter, shape)| match shape {
            b'-' => *letter == b'-',
            _ => letter.is_ascii_hexdigit(),
        })
    };
    let found = text.as_bytes().windows(SHAPE.len()).filter(has_shape);
    found
        .map(|id| String::from_utf8_lossy(id).to_ascii_lowercase())
        .collect()
}

/// The option that is wanted. `by_person` is the name of one that the person chose when they were asked to.
pub(super) fn choice<'a>(
    scene: &'a Scene,
    (at, trust): (usize, Trust),
    labels: &Labels,
    allow: bool,
    by_person: Option<&str>,
) -> Result<Option<Choice<'a>>, Surprise> {
    let (switches, radios): (Vec<&Control>, Vec<&Control>) =
        options(scene, at).partition(|control| is_switch(control));
    let excluded = |control: &Control| {
        let is_other = |other: &&&Control| other.group == control.group && other.number != control.number;
        radios.iter().filter(is_other).copied().collect::<Vec<_>>()
    };
    let chosen = |control: &'a Control| Choice {
        control,
        is_as_wanted: match is_switch(control) {
            true => control.is_on == Some(allow),
            false => {
                control.is_on == Some(true) && excluded(control).iter().all(|other| other.is_on != Some(true))
            }
        },
    };
    if let Some(name) = by_person {
        let named = options(scene, at).filter(|control| control.name == name);
        return Ok(only(named)?.map(chosen));
    }
    let (on, off, switched): (&[Label], &[Label], &[Label]) = match trust {
        Trust::Titled => (
            &[Label::On, Label::SubscriptionAccess],
            &[Label::Off],
            &[
                Label::On,
                Label::SubscriptionAccess,
                Label::AllowOthers,
                Label::AccessToInvoice,
            ],
        ),
        Trust::Details | Trust::Person => (
            &[Label::SubscriptionAccess],
            &[],
            &[Label::SubscriptionAccess, Label::AllowOthers],
        ),
    };
    let only_of = |controls: &[&'a Control], of: &[Label]| {
        let named = |control: &&Control| labels.which(of, &control.name).is_some();
        only(controls.iter().copied().filter(named))
    };
    let on = only_of(&radios, on)?;
    let off = only_of(&radios, off)?;
    let switch = only_of(&switches, switched)?;
    let (on, off) = match (on, off, switches.as_slice(), trust) {
        (None, None, [], Trust::Titled) => told_by_terms(&radios, labels).unzip(),
        _ => (on, off),
    };
    // Of exactly two that exclude each other, one is what the other is not.
    let opposite = on.and_then(|on| {
        let [opposite] = *excluded(on) else { return None };
        (on.group > 0).then_some(opposite)
    });
    if let (Some(on), Some(off)) = (on, off)
        && on.group != off.group
    {
        return Err(Surprise::FoundTwice);
    }
    let radio = match allow {
        true => on,
        false => off.or(opposite),
    };
    match (radio, switch) {
        (Some(_), Some(_)) => Err(Surprise::FoundTwice),
        (None, Some(_)) if on.is_some() || off.is_some() => Err(Surprise::FoundTwice),
        (radio, switch) => Ok(radio.or(switch).map(chosen)),
    }
}

/// The option that lets others download and the one that does not, where no source tells the words of the newer page: of
/// exactly two that exclude each other, and with no other option in the form, one speaks of the subscription, the other
/// of the account administrator, and neither of both.
fn told_by_terms<'a>(radios: &[&'a Control], labels: &Labels) -> Option<(&'a Control, &'a Control)> {
    let &[one, other] = radios else { return None };
    let are_exclusive = one.group > 0 && one.group == other.group;
    if !are_exclusive || labels.knows(Label::SubscriptionAccess) {
        return None;
    }
    let spoken_of = |option: &Control| {
        [Label::Subscription, Label::AccountAdministrator].map(|label| labels.is_in(label, &option.name))
    };
    match (spoken_of(one), spoken_of(other)) {
        ([true, false], [false, true]) => Some((one, other)),
        ([false, true], [true, false]) => Some((other, one)),
        _ => None,
    }
}

/// What saves a form.
pub(super) fn save<'a>(
    scene: &'a Scene,
    at: usize,
    labels: &Labels,
) -> Result<Option<&'a Control>, Surprise> {
    only(in_form(scene, at).filter(|control| {
        let can_save = matches!(control.role, ControlRole::Button | ControlRole::MenuItem);
        can_save && labels.is(Label::Save, &control.name)
    }))
}

/// A hook's letters, lower case.
fn letters(hook: &str) -> String {
    let letters = hook.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

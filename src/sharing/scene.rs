//! What a document of the portal shows that a person could use: its controls, by role, name and state.
//! Must not know: what any of them is for.

use serde_json::Value;

use crate::azure::json::{items, number, text};
use crate::spelling::spelled;

/// Most controls, forms and options of a list that are looked at, and the longest text of any, in characters.
const MOST_CONTROLS: usize = 2000;
const MOST_FORMS: usize = 200;
pub(super) const MOST_OPTIONS: usize = 1000;
const LONGEST: usize = 300;

spelled! {
    /// What a control is, by its ARIA role; what the platform's own elements are by default counts as their role.
    pub enum ControlRole {
        /// Something to press.
        Button = "button",
        /// Something that leads elsewhere.
        Link = "link",
        /// A line of a menu.
        MenuItem = "menuitem",
        /// A tab of a form.
        Tab = "tab",
        /// One of several that exclude each other.
        Radio = "radio",
        /// On or off.
        Switch = "switch",
        /// Ticked or not.
        Checkbox = "checkbox",
        /// A value out of a list.
        Combobox = "combobox",
    }
}

/// A dialog or pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Its accessible name, else its heading.
    pub title: String,
    /// What it says of itself (`role=status` and `role=alert`); empty where it says nothing.
    pub status: String,
    /// Whether that is an alert.
    pub is_alert: bool,
    /// Whether it is working on something (`aria-busy`, or a progress bar in it).
    pub is_busy: bool,
}

/// A control that can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// How the face knows it; the same control has the same number as long as it stays in the document.
    pub number: u32,
    /// What it is.
    pub role: ControlRole,
    /// Its accessible name.
    pub name: String,
    /// The page's own mark that no language changes, such as `Command-EditInvoiceDetails`; empty where it has none.
    pub hook: String,
    /// Whether it is on, ticked or chosen; `None` where that means nothing.
    pub is_on: Option<bool>,
    /// Whether it cannot be used now.
    pub is_disabled: bool,
    /// Position of the form that it stands in; `None` on the page itself.
    pub form: Option<usize>,
    /// Number of the group of radios that it belongs to; 0 where it belongs to none.
    pub group: u32,
    /// The chosen value of a list.
    pub value: String,
    /// Values and texts that a list offers.
    pub options: Vec<(String, String)>,
}

/// A document of the portal at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Dialogs and panes, the one in front last.
    pub forms: Vec<Form>,
    /// The controls, in document order.
    pub controls: Vec<Control>,
}

impl Scene {
    /// Reads what a face tells; `None` unless it is that and nothing else. Of more controls than are looked at, those
    /// of forms come first.
    pub fn read(told: &Value) -> Option<Scene> {
        let forms = items(told, "forms").iter().take(MOST_FORMS).map(|form| Form {
            title: short(form, "title"),
            status: short(form, "status"),
            is_alert: is_set(form, "alert"),
            is_busy: is_set(form, "busy"),
        });
        let forms: Vec<Form> = forms.collect();
        let all = told.get("controls")?.as_array()?;
        let stands_in_form = |control: &&Value| number(control, "form").is_some();
        let in_forms = all.iter().filter(stands_in_form).count().min(MOST_CONTROLS);
        let (mut left_in_forms, mut left_on_page) = (in_forms, MOST_CONTROLS - in_forms);
        let looked_at = all.iter().filter(|control| {
            let left = match stands_in_form(control) {
                true => &mut left_in_forms,
                false => &mut left_on_page,
            };
            let is_looked_at = *left > 0;
            *left -= usize::from(is_looked_at);
            is_looked_at
        });
        let controls: Vec<Control> = looked_at
            .map(|control| read_control(control, forms.len()))
            .collect::<Option<_>>()?;
        // Sorting would be kilobytes more to download.
        let is_twice = controls.iter().enumerate().any(|(at, control)| {
            let mut rest = controls.iter().skip(at + 1);
            rest.any(|other| other.number == control.number)
        });
        (!is_twice).then_some(Scene { forms, controls })
    }
}

fn read_control(control: &Value, forms: usize) -> Option<Control> {
    let whole = |field: &str| number(control, field).and_then(|number| u32::try_from(number).ok());
    // What stands in a form that is not looked at is not the page's own either.
    let form = match number(control, "form") {
        Some(form) => Some(usize::try_from(form).ok().filter(|form| *form < forms)?),
        None => None,
    };
    let options = items(control, "options").iter().take(MOST_OPTIONS);
    Some(Control {
        number: whole("number")?,
        role: ControlRole::read(text(control, "role"))?,
        name: short(control, "name"),
        hook: short(control, "hook"),
        is_on: control.get("on").and_then(Value::as_bool),
        is_disabled: is_set(control, "disabled"),
        form,
        group: whole("group").unwrap_or_default(),
        value: short(control, "value"),
        options: options
            .map(|option| (short(option, "value"), short(option, "text")))
            .collect(),
    })
}

fn is_set(item: &Value, field: &str) -> bool {
    item.get(field).and_then(Value::as_bool) == Some(true)
}

fn short(item: &Value, field: &str) -> String {
    text(item, field).chars().take(LONGEST).collect()
}

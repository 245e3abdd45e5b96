//! What a document of the portal shows that a person could use: its controls, by role, name and state.
//! Must not know: what any of them is for.

use serde_json::Value;

use crate::azure::json::{items, number, text};
use crate::spelling::spelled;

/// Most controls that are looked at, and the longest text of one, in characters.
const MOST_CONTROLS: usize = 600;
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
    /// Reads what a face tells; `None` unless it is that and nothing else.
    pub fn read(told: &Value) -> Option<Scene> {
        let is_set = |item: &Value, field: &str| item.get(field).and_then(Value::as_bool) == Some(true);
        let short =
            |item: &Value, field: &str| -> String { text(item, field).chars().take(LONGEST).collect() };
        let forms = items(told, "forms").iter().map(|form| Form {
            title: short(form, "title"),
            status: short(form, "status"),
            is_alert: is_set(form, "alert"),
            is_busy: is_set(form, "busy"),
        });
        let forms: Vec<Form> = forms.collect();
        let controls = items(told, "controls").iter().take(MOST_CONTROLS).map(|control| {
            let form = number(control, "form").map(|form| form as usize);
            let options = items(control, "options").iter();
            Some(Control {
                number: number(control, "number")? as u32,
                role: ControlRole::read(text(control, "role"))?,
                name: short(control, "name"),
                hook: short(control, "hook"),
                is_on: control.get("on").and_then(Value::as_bool),
                is_disabled: is_set(control, "disabled"),
                form: form.filter(|form| *form < forms.len()),
                group: number(control, "group").unwrap_or_default() as u32,
                value: short(control, "value"),
                options: options
                    .map(|option| (short(option, "value"), short(option, "text")))
                    .collect(),
            })
        });
        let controls = controls.collect::<Option<_>>()?;
        told.get("controls")?
            .is_array()
            .then_some(Scene { forms, controls })
    }
}

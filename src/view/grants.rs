//! The window that asks for leave to read further storage accounts.
//! Must not know: how the browser asks, or what follows.

use super::node::{Action, Emphasis, Grant, Node, Surface, Tone};
use super::phrases::Phrase;
use super::strings::Strings;

/// Names the hosts and what leave to read there is good for; its button has the browser ask.
pub fn grants(strings: &Strings, hosts: &[String]) -> Surface {
    let names = hosts.join(", ");
    let text = |key, text, tone| Node::Text { key, text, tone };
    Surface {
        language: strings.language().as_str(),
        title: strings.say(Phrase::Product),
        nodes: vec![
            text("title", strings.say(Phrase::StorageTitle), Tone::Strong),
            text(
                "what",
                strings.say_with(Phrase::Storage, &[("hosts", &names)]),
                Tone::Plain,
            ),
            text("without", strings.say(Phrase::StorageWithout), Tone::Quiet),
            Node::Button {
                key: "grant",
                text: strings.say(Phrase::GrantAccess),
                action: Action::StorageGranted,
                emphasis: Emphasis::Primary,
                disabled: hosts.is_empty(),
                grant: Some(Grant {
                    origins: hosts.iter().map(|host| format!("https://{host}/*")).collect(),
                    permissions: Vec::new(),
                }),
            },
        ],
        status: String::new(),
        live: false,
        fold: strings.say(Phrase::Fold),
        unfold: strings.say(Phrase::Unfold),
    }
}

//! A surface of the extension, used as a person uses it: by role, accessible name and visible text.
//! Must not know: keys, classes or order of what it shows.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::{Key, TypingData, WebDriver, WebElement};

use crate::command::get;
use crate::{Browser, Error, until};

/// The dock in the portal, or a page of the extension. It always means the tab that the browser is at.
pub struct Surface<'a> {
    browser: &'a Browser,
    /// Element whose open shadow root holds the surface; a page of the extension is its own root.
    host: Option<&'static str>,
    limit: Duration,
}

/// A progress bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Accessible name.
    pub name: String,
    /// How far; `None` while that is not known.
    pub value: Option<f64>,
    /// What `value` runs up to.
    pub max: f64,
}

impl<'a> Surface<'a> {
    pub(crate) fn new(browser: &'a Browser, host: Option<&'static str>, limit: Duration) -> Self {
        Self { browser, host, limit }
    }

    /// The same surface with another limit for every wait.
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Presses a button as soon as it is there, enabled and not covered.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn click(&self, button: &str) -> Result<(), Error> {
        let what = format!("the button \"{button}\" can be pressed");
        self.until(&what, async || {
            let Some(element) = self.find(BUTTONS, button).await? else {
                return Ok(None);
            };
            if !element.is_enabled().await? {
                return Ok(None);
            }
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Names of the buttons that can be seen, in their order.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn buttons(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for element in self.elements(BUTTONS).await? {
            names.push(self.name(&element).await?);
        }
        Ok(names)
    }

    /// Whether a button can be seen and pressed.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn offers(&self, button: &str) -> Result<bool, Error> {
        match self.find(BUTTONS, button).await? {
            Some(element) => Ok(element.is_enabled().await?),
            None => Ok(false),
        }
    }

    /// Where a link that can be seen leads.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn link(&self, name: &str) -> Result<Option<String>, Error> {
        match self.find(LINKS, name).await? {
            Some(element) => Ok(element.attr("href").await?),
            None => Ok(None),
        }
    }

    /// Chooses an option by the keyboard: what a driver does to an option itself is no input of a person's.
    ///
    /// # Errors
    /// When the choice or the option is not there in time, or the choice does not take it.
    pub async fn choose(&self, label: &str, option: &str) -> Result<(), Error> {
        let what = format!("\"{label}\" is \"{option}\"");
        let script = "const texts = [...arguments[0].options].map(each => each.text);
            return [texts.indexOf(arguments[1]), arguments[0].selectedIndex];";
        // Found once: choosing a language changes the label.
        let element = self
            .until(&what, async || self.find(CHOICES, label).await)
            .await?;
        self.until(&what, async || {
            let arguments = vec![element.to_json()?, Value::from(option)];
            let (wanted, selected): (i64, i64) = self
                .driver()
                .execute(script, arguments)
                .await?
                .convert()
                .map_err(Error::from)?;
            if wanted < 0 || wanted == selected {
                return Ok((wanted >= 0).then_some(()));
            }
            let key = if wanted > selected { Key::Down } else { Key::Up };
            element.send_keys(key).await?;
            Ok(None)
        })
        .await
    }

    /// Ticks a box, or takes its tick away.
    ///
    /// # Errors
    /// When it is not there in time.
    pub async fn tick(&self, label: &str) -> Result<(), Error> {
        let what = format!("the box \"{label}\" can be ticked");
        let element = self.until(&what, async || self.find(BOXES, label).await).await?;
        Ok(element.click().await?)
    }

    /// Types into a field; dates as `2026-03-09`.
    ///
    /// # Errors
    /// When the field is not there in time or does not take the text.
    pub async fn fill(&self, label: &str, text: &str) -> Result<(), Error> {
        let what = format!("\"{label}\" is \"{text}\"");
        let field = self.until(&what, async || self.find(FIELDS, label).await).await?;
        let typed = if field.prop("type").await?.as_deref() == Some("date") {
            TypingData::from(self.browser.family().date_as_typed(text))
        } else {
            // Deleted as a person does it: clearing the field would be an event that nobody made.
            let present = field.prop("value").await?.unwrap_or_default().chars().count();
            let deletion = String::from(Key::Backspace.value()).repeat(present);
            Key::End + deletion + text
        };
        field.send_keys(typed).await?;
        self.until(&what, async || {
            Ok((field.prop("value").await?.as_deref() == Some(text)).then_some(()))
        })
        .await
    }

    /// All text that can be seen.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn text(&self) -> Result<String, Error> {
        let script = "return [...root.children].map(each => each.innerText ?? '').join('\\n').trim();";
        let text = self.script(script, "").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Every piece of text that can be seen or is read out: also names, hints and what a choice offers.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn words(&self) -> Result<BTreeSet<String>, Error> {
        Ok(self.list(WORDS).await?.into_iter().collect())
    }

    /// What cannot be seen whole: elements that are smaller than what is in them, and what is left or right of the window.
    /// A table scrolls by itself.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn cut_off(&self) -> Result<Vec<String>, Error> {
        self.list(CUT_OFF).await
    }

    /// What is chosen and cannot be read to its end without opening the choice.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn choices_cut_off(&self) -> Result<Vec<String>, Error> {
        self.list(CHOICES_CUT_OFF).await
    }

    /// The polite line that a screen reader announces.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn status(&self) -> Result<String, Error> {
        let script = "return root.querySelector('[role=status]')?.textContent ?? '';";
        let text = self.script(script, "").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the polite line contains a text, and returns the whole line.
    ///
    /// # Errors
    /// When it does not in time; the error says what it was last.
    pub async fn wait_for_status(&self, part: &str) -> Result<String, Error> {
        let what = format!("the status contains \"{part}\"");
        self.until(&what, async || {
            let status = self.status().await?;
            Ok(status.contains(part).then_some(status))
        })
        .await
    }

    /// Presses a button and tells how long it takes from there until the polite line contains a text. The page itself
    /// takes both times, and is asked for them seldom, so that asking costs the browser next to nothing.
    ///
    /// # Errors
    /// When the button cannot be pressed, or the text does not come within `limit`.
    pub async fn time(&self, button: &str, part: &str, limit: Duration) -> Result<Duration, Error> {
        let script = "const times = window.times = {};
            addEventListener('click', event => times.pressed ??= event.timeStamp, { capture: true, once: true });
            const look = () => {
                if (root.querySelector('[role=status]')?.textContent.includes(selector)) times.ended ??= performance.now();
            };
            new MutationObserver(look).observe(root, { subtree: true, childList: true, characterData: true });";
        self.script(script, part).await?;
        self.click(button).await?;
        let script = "return window.times.ended ? window.times.ended - window.times.pressed : null;";
        let start = Instant::now();
        loop {
            tokio::time::sleep(SELDOM).await;
            if let Some(milliseconds) = self.script(script, "").await?.as_f64() {
                return Ok(Duration::from_secs_f64(milliseconds / 1000.0));
            }
            if start.elapsed() >= limit {
                return Err(Error::NotInTime {
                    what: format!("the status contains \"{part}\""),
                    limit,
                    seen: format!(": {}", self.status().await?),
                });
            }
        }
    }

    /// Waits until the visible text contains a text, and returns all of it.
    ///
    /// # Errors
    /// When it does not in time; the error says what it was last.
    pub async fn wait_for_text(&self, part: &str) -> Result<String, Error> {
        let what = format!("\"{part}\" can be read");
        self.until(&what, async || {
            let text = self.text().await?;
            Ok(text.contains(part).then_some(text))
        })
        .await
    }

    /// The progress bar, while there is one.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn progress(&self) -> Result<Option<Progress>, Error> {
        let Some(bar) = self
            .elements("progress, [role=progressbar]")
            .await?
            .into_iter()
            .next()
        else {
            return Ok(None);
        };
        let script = "const bar = arguments[0], number = name => Number(bar.getAttribute(name));
            return bar.localName === 'progress'
                ? [bar.hasAttribute('value') ? bar.value : null, bar.max]
                : [bar.hasAttribute('aria-valuenow') ? number('aria-valuenow') : null, number('aria-valuemax')];";
        let (value, max) = self
            .driver()
            .execute(script, vec![bar.to_json()?])
            .await?
            .convert()?;
        Ok(Some(Progress {
            name: self.name(&bar).await?,
            value,
            max,
        }))
    }

    /// Waits for a condition on this surface; the error of a failed wait says what the surface shows.
    ///
    /// # Errors
    /// [`Error::NotInTime`], or the first error of `probe` that does not pass.
    pub async fn until<T>(
        &self,
        what: &str,
        probe: impl AsyncFnMut() -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        match until(what, self.limit, probe).await {
            Err(Error::NotInTime { what, limit, seen }) => {
                let status = self.status().await.unwrap_or_default();
                let text = self.text().await.unwrap_or_default();
                let seen = format!("{seen}\n--- status: {status}\n--- text:\n{text}");
                Err(Error::NotInTime { what, limit, seen })
            }
            outcome => outcome,
        }
    }

    /// The visible element of a kind with an accessible name, as the browser computes it.
    async fn find(&self, kind: &str, name: &str) -> Result<Option<WebElement>, Error> {
        for element in self.elements(kind).await? {
            if self.name(&element).await? == name {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    async fn elements(&self, selector: &str) -> Result<Vec<WebElement>, Error> {
        let script = "return [...root.querySelectorAll(selector)].filter(each => each.checkVisibility());";
        let script = format!("{ROOT} {script}");
        let found = self
            .driver()
            .execute(script, vec![json!(self.host), json!(selector)])
            .await?;
        Ok(found.elements()?)
    }

    async fn name(&self, element: &WebElement) -> Result<String, Error> {
        let endpoint = format!("/element/{}/computedlabel", element.element_id());
        let label = get(self.driver(), &endpoint).await?;
        Ok(label.as_str().unwrap_or_default().trim().to_owned())
    }

    async fn script(&self, script: &str, selector: &str) -> Result<Value, Error> {
        let script = format!("{ROOT} {script}");
        let answer = self
            .driver()
            .execute(script, vec![json!(self.host), json!(selector)])
            .await?;
        Ok(answer.json().clone())
    }

    async fn list(&self, script: &str) -> Result<Vec<String>, Error> {
        let list = self.script(script, "").await?;
        let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    }

    fn driver(&self) -> &WebDriver {
        self.browser.driver()
    }
}

/// Between two questions about something that takes long.
const SELDOM: Duration = Duration::from_millis(250);

const BUTTONS: &str = "button, [role=button], summary";
const LINKS: &str = "a";
const CHOICES: &str = "select";
const BOXES: &str = "input[type=checkbox]";
const FIELDS: &str = "input, textarea";

const WORDS: &str = "
    const words = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const parent = walk.currentNode.parentElement;
        const seen = parent && parent.localName !== 'style'
            && (parent.closest('select') ?? parent).checkVisibility();
        if (seen) words.push(walk.currentNode.data);
    }
    for (const each of root.querySelectorAll('*')) {
        if (!each.checkVisibility()) continue;
        for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) {
            words.push(each.getAttribute(name) ?? '');
        }
    }
    return words.map(text => text.trim()).filter(text => text !== '');";

const CUT_OFF: &str = "
    const cut = [];
    for (const each of root.querySelectorAll('*')) {
        if (!each.checkVisibility() || each.closest('[role=status], option')) continue;
        const style = getComputedStyle(each);
        const note = what => cut.push(`${each.localName} ${what}: ${each.innerText?.slice(0, 60)}`);
        const inTable = each.closest('table') ?? each.querySelector(':scope > table');
        const box = each.getBoundingClientRect();
        if (!inTable && (box.left < -1 || box.right > innerWidth + 1)) note('leaves the window');
        // What is typed may be longer than its field; and an inline element has no size of its own.
        if (style.display === 'inline' || each.localName === 'input') continue;
        if (!inTable && each.scrollWidth > each.clientWidth + 1) note('is too narrow');
        if (style.overflowY !== 'auto' && each.scrollHeight > each.clientHeight + 1) note('is too low');
    }
    return cut;";

const CHOICES_CUT_OFF: &str = "
    const ARROW = 20;
    const pen = document.createElement('canvas').getContext('2d');
    const cut = [...root.querySelectorAll('select')].filter(each => {
        const style = getComputedStyle(each);
        pen.font = style.font;
        const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - ARROW;
        return each.checkVisibility() && pen.measureText(each.selectedOptions[0]?.text ?? '').width > room;
    });
    return cut.map(each => each.selectedOptions[0].text);";

/// Begins every script: `root` is where the surface is drawn; before that it is an empty fragment.
const ROOT: &str = "const [host, selector] = arguments;
    const root = host === null ? document.body : document.querySelector(host)?.shadowRoot ?? new DocumentFragment();";

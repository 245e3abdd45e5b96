//! Hints in place: what is said of the person's access in the dock, beside rows and in reports, and what follows from it.
//! Must not know: which rule says what; the table tells what whoever knows Azure's billing would say.

use browser_tests::{Error, Family, Launch, Surface};
use serde_json::{Value, json};
use simulator::{Build, Effect, Fault, Page, Scenario, Sender, Theme};
use thirtyfour::{Key, WebElement};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};
use crate::look::picture;
use crate::texts::Texts;

/// Scenario | who of it is signed in | subscription whose invoices are looked at, or `all` | first hint | next step | the
/// person's roles | how many more hints, and one of them.
///
/// `{}` stands for the subscription; the place of an invoice may be its billing profile or its enrollment.
const TABLE: &str = "
roles | 0 | Owner before sharing | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Owner | 0
roles | 0 | Owner after sharing | You can download the invoices of {} | - | Owner | 0
roles | 0 | Reader before sharing | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Reader | 0
roles | 0 | Billing Reader after sharing | You can download the invoices of {} | - | Billing Reader | 0
roles | 0 | Cost Management Reader | Your role on {} does not include invoices | Ask an owner of the subscription for the role, and the account administrator, ilze.kalnina@contoso.example, to allow it. | Cost Management Reader | 0
roles | 0 | No role | You hold no role on {} | Ask an owner of the subscription for the role, and the account administrator to allow it. Azure does not tell who that is. | - | 0
roles | 0 | Custom role without invoices | Your role on {} does not include invoices | Ask an owner of the subscription for the role, and the account administrator, ilze.kalnina@contoso.example, to allow it. | a custom role | 0
roles | 0 | Unknown administrator | The invoices of {} are not shared with you | Ask the account administrator to allow it. Azure does not tell who that is: an owner of the subscription may know who signed up for it. | Reader | 0
roles | 0 | Role through a group | You can download the invoices of {} | - | Contributor | 0
roles | 0 | Role through a management group | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | User Access Administrator | 0
roles | 0 | New | Azure shows you no invoice of {} | - | Account administrator | 1 You are the account administrator of {}
roles | 0 | Free trial | {} is a free account | - | Account administrator | 1 You are the account administrator of {}
roles | 0 | Visual Studio credit | {} is paid from a credit | - | Account administrator | 1 You are the account administrator of {}
roles | 0 | Disabled | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Reader | 1 {} is disabled
roles | 0 | Customer of a partner | A partner bills you for {} | Ask your partner (reseller) for the invoice. | - | 0
roles | 0 | Transferred | You can download the invoices of {} if they are shared | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Reader | 3 {} has changed its billing account
roles | 0 | Billed in another directory | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Reader | 0
administrator | 0 | Contoso Production | You are the account administrator of {} | To let others download: Cost Management + Billing > Invoices > Allow others to download invoice > On > Save. | Account administrator | 0
administrator | 0 | all | You are the account administrator of Contoso Production, Contoso Website | To let others download: Cost Management + Billing > Invoices > Allow others to download invoice > On > Save. | Account administrator | 0
subscription-reader | 0 | Contoso Payroll | You can download the invoices of {} if they are shared | Ask the account administrator to allow it. Azure does not tell who that is: an owner of the subscription may know who signed up for it. | Reader | 0
subscription-reader | 0 | Contoso Production | The invoices of Contoso Europe need a billing role | Ask an owner of the billing profile or of the billing account for the role Invoice manager or Billing profile reader. A global administrator can make themselves one. | - | 0
subscription-reader | 0 | Contoso Warehouse | Only Enterprise administrators get the invoices of Contoso Enterprise | Ask an Enterprise administrator for the role Enterprise administrator (read only), or for a copy. | - | 0
invoice-manager | 0 | Contoso Production | You can download the invoices of Contoso Europe | - | Invoice manager | 0
invoice-manager | 0 | Contoso Storefront US | The invoices of Contoso America need a billing role | Ask an owner of the billing profile or of the billing account for the role Invoice manager or Billing profile reader. A global administrator can make themselves one. | - | 0
invoice-manager | 0 | all | The invoices of Contoso America need a billing role | Ask an owner of the billing profile or of the billing account for the role Invoice manager or Billing profile reader. A global administrator can make themselves one. | - | 1 You can download the invoices of Contoso Europe
profile-reader-role | 0 | Contoso Production | You can download the invoices of Contoso Europe | - | Billing profile reader | 0
section-owner | 0 | Contoso Production | Your role on an invoice section does not open the invoices of Contoso Europe | Ask ilze.kalnina@contoso.example, martins.ozols@contoso.example for the role Invoice manager or Billing profile reader. | Invoice section owner | 0
section-owner | 0 | all | Your role on an invoice section does not open the invoices of Contoso Europe | Ask ilze.kalnina@contoso.example, martins.ozols@contoso.example for the role Invoice manager or Billing profile reader. | Invoice section owner | 0
enterprise-roles | 0 | Contoso Production | You can download the invoices of the enrollment Contoso Enterprise | - | Enterprise administrator | 0
enterprise-roles | 1 | Contoso Warehouse | Department administrators and account owners get no invoices | Ask ilze.kalnina@contoso.example for the role Enterprise administrator (read only), or for a copy. | Department administrator | 0
enterprise-roles | 2 | Fabrikam Website | A partner may be the one who is invoiced for Fabrikam Enterprise | Ask your partner (reseller) for the invoice. | Enterprise administrator | 0
enterprise-roles | 2 | all | A partner may be the one who is invoiced for Fabrikam Enterprise | Ask your partner (reseller) for the invoice. | Enterprise administrator | 0
partner-agreement | 0 | all | You can download the invoices of Fabrikam Baltics, Fabrikam Cloud Resale | - | - | 0
guest | 0 | Contoso Production | You can download the invoices of {} | - | Reader | 0
guest | 0 | Contoso Payroll | The invoices of {} are not shared with you | Ask the account administrator, ilze.kalnina@contoso.example, to allow it. | Reader | 1 You are a guest in this directory
guest | 0 | Contoso Joint Venture | Fabrikam Europe is billed in another directory: Fabrikam AS | Switch to the directory and download there. | - | 1 You are a guest in this directory
personal | 0 | Pay-As-You-Go | You are the account administrator of {} | To let others download: Cost Management + Billing > Invoices > Allow others to download invoice > On > Save. | Account administrator | 0
personal | 0 | Family project | The invoices of {} are not shared with you | Ask the account administrator, anna.liepa@outlook.example, to allow it. | Reader | 1 You are signed in with a personal Microsoft account
sees-nothing | 0 | Contoso Costs | Your role on {} does not include invoices | Ask an owner of the subscription for the role, and the account administrator, ilze.kalnina@contoso.example, to allow it. | Cost Management Contributor | 0
sees-nothing | 0 | Contoso Archive | You hold no role on {} | Ask an owner of the subscription for the role, and the account administrator to allow it. Azure does not tell who that is. | - | 0
sees-nothing | 0 | Contoso Warehouse | Department administrators and account owners get no invoices | Ask ilze.kalnina@contoso.example for the role Enterprise administrator (read only), or for a copy. | Account owner | 0
sees-nothing | 0 | Contoso Trial | {} is a free account | - | Account administrator | 1 You are the account administrator of {}
empty | 0 | all | This account sees neither a subscription nor a billing account | Sign in to the portal with your other account, or switch the directory. | - | 0
";

const CHECK_AGAIN: &str = "Check again";

/// What the dock says of the person's access, once it asks no more: the first hint, and the words below it.
fn told(text: &str) -> Option<(&str, &str)> {
    let (_, access) = text.split_once("Your access\n")?;
    if !access.contains(CHECK_AGAIN) {
        return None;
    }
    let mut lines = access.lines().filter(|line| !line.trim().is_empty());
    Some((lines.next()?, lines.next()?))
}

/// Waits until the first hint begins so.
async fn wait_for_start(dock: &Surface<'_>, start: &str) {
    let what = format!("the first hint begins \"{start}\"");
    dock.until(&what, async || {
        let text = dock.text().await?;
        Ok(told(&text)
            .filter(|(first, _)| first.starts_with(start))
            .map(|_| ()))
    })
    .await
    .unwrap();
}

/// Waits until this is the first hint.
async fn wait_for_hint(dock: &Surface<'_>, sentence: &str) -> String {
    wait_for_words(dock, sentence, "").await
}

/// Waits until this is the first hint, and its words end so.
async fn wait_for_words(dock: &Surface<'_>, sentence: &str, end: &str) -> String {
    let what = format!("the first hint is \"{sentence}\", and ends \"{end}\"");
    dock.until(&what, async || {
        let text = dock.text().await?;
        let found = told(&text).filter(|(first, words)| *first == sentence && words.ends_with(end));
        Ok(found.map(|(_, words)| words.to_owned()))
    })
    .await
    .unwrap()
}

/// Where the invoices of a subscription are looked at, by its name.
fn page_of(scenario: &Scenario, person: usize, subscription: &str) -> Page {
    let mut all = scenario.accounts[person].subscriptions.iter();
    let at = all.position(|each| each.name == subscription);
    Page::SubscriptionInvoices(at.unwrap_or_else(|| panic!("{subscription} is not there")))
}

/// Serves another scenario, or another person of it, in a page that was just loaded.
async fn enter(case: &Case, scenario: &Scenario, person: usize) {
    // Nothing of the person before goes on meanwhile.
    case.browser.driver().goto("about:blank").await.unwrap();
    case.simulator.load(scenario.clone());
    case.simulator.sign_in(person);
    case.open(Page::Home).await;
}

async fn open_subscription<'a>(case: &'a Case, scenario: &str, name: &str) -> Surface<'a> {
    case.open(page_of(&Scenario::named(scenario).unwrap(), 0, name))
        .await;
    case.browser.dock().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_what_they_may_do_and_whom_to_ask() {
    let case = Case::new("empty").await;
    let mut entered = (String::new(), 0);
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let [scenario, person, place, first, step, roles, more] =
            line.split('|').map(str::trim).collect::<Vec<_>>()[..]
        else {
            panic!("{line}");
        };
        let told = Scenario::named(scenario).unwrap();
        let person: usize = person.parse().unwrap();
        if entered != (scenario.to_owned(), person) {
            enter(&case, &told, person).await;
            entered = (scenario.to_owned(), person);
        }
        case.open(match place {
            "all" => Page::Invoices,
            name => page_of(&told, person, name),
        })
        .await;
        let dock = case.browser.dock().await.unwrap();
        let named = |text: &str| text.replace("{}", place);
        let roles = match roles {
            "-" => String::new(),
            roles => format!("Your roles here: {roles}"),
        };
        let step = if step == "-" { "" } else { step };
        let end = [step, &roles].join(" ");
        let words = wait_for_words(&dock, &named(first), end.trim()).await;
        assert_eq!(
            words.contains("Your roles here"),
            !roles.is_empty(),
            "{line}\n{words}"
        );
        assert!(!step.is_empty() || !words.contains("Ask "), "{line}\n{words}");

        let (count, one) = more.split_once(' ').unwrap_or((more, ""));
        let button = match count {
            "0" => None,
            "1" => Some("One more hint".to_owned()),
            count => Some(format!("{count} more hints")),
        };
        let what = format!("so many more hints: {line}");
        dock.until(&what, async || {
            let buttons = dock.buttons().await?;
            let shown = buttons.iter().find(|button| button.contains("more hint"));
            Ok((shown == button.as_ref()).then_some(()))
        })
        .await
        .unwrap();
        if let Some(button) = button {
            // What was unfolded stays so.
            if !dock.text().await.unwrap().contains(&named(one)) {
                dock.click(&button).await.unwrap();
            }
            dock.wait_for_text(&named(one)).await.unwrap();
        }
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_next_step_has_its_link() {
    let case = Case::new("guest").await;
    let dock = open_subscription(&case, "guest", "Contoso Joint Venture").await;
    wait_for_hint(
        &dock,
        "Fabrikam Europe is billed in another directory: Fabrikam AS",
    )
    .await;
    let switch = dock.link("Switch directory").await.unwrap().unwrap();
    let rest = switch.strip_prefix("https://portal.azure.com/#@").unwrap();
    let (directory, page) = rest.split_once('/').unwrap();
    assert!(directory.len() == 36 && page.contains("Invoices"), "{switch}");
    let article = dock.link("Microsoft's article").await.unwrap().unwrap();
    assert!(
        article.starts_with("https://learn.microsoft.com/en-us/azure/"),
        "{article}"
    );

    enter(&case, &Scenario::named("administrator").unwrap(), 0).await;
    let dock = open_subscription(&case, "administrator", "Contoso Website").await;
    wait_for_hint(&dock, "You are the account administrator of Contoso Website").await;
    assert!(dock.offers("Enable sharing").await.unwrap());
    assert_eq!(
        dock.link("Write e-mail").await.unwrap(),
        None,
        "there is nobody to write to"
    );

    enter(&case, &Scenario::named("roles").unwrap(), 0).await;
    let dock = open_subscription(&case, "roles", "Disabled").await;
    wait_for_hint(&dock, "The invoices of Disabled are not shared with you").await;
    dock.click("One more hint").await.unwrap();
    dock.wait_for_text("Disabled is disabled").await.unwrap();
    let open = dock.link("Open invoices page").await.unwrap().unwrap();
    assert!(open.starts_with("https://portal.azure.com/#view/"), "{open}");
    case.end().await;
}

/// The administrator shares, and no longer: the hint follows as soon as the person asks again.
async fn a_hint_follows_what_the_administrator_does(family: Family) {
    let name = "Owner before sharing";
    let case = Case::launched("roles", Launch::new(family)).await;
    let dock = open_subscription(&case, "roles", name).await;
    let not_shared = format!("The invoices of {name} are not shared with you");
    wait_for_hint(&dock, &not_shared).await;
    assert!(dock.offers("Copy request").await.unwrap());
    case.simulator.set_sharing(name, true);
    dock.click(CHECK_AGAIN).await.unwrap();
    wait_for_hint(&dock, &format!("You can download the invoices of {name}")).await;
    assert!(
        !dock.offers("Copy request").await.unwrap(),
        "there is nothing to ask for"
    );
    case.simulator.set_sharing(name, false);
    dock.click(CHECK_AGAIN).await.unwrap();
    wait_for_hint(&dock, &not_shared).await;
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_follows_what_the_administrator_does_in_chromium() {
    a_hint_follows_what_the_administrator_does(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_follows_what_the_administrator_does_in_firefox() {
    a_hint_follows_what_the_administrator_does(Family::Firefox).await;
}

// --- Marks beside rows ----------------------------------------------------------------------------------------------

/// A row of the page's list: the text of each cell, and of each mark in it the cell it stands in and its name.
type Row = (Vec<String>, Vec<(usize, String)>);

const ROWS: &str = "
    return [...document.querySelectorAll('[role=grid] [role=rowgroup] [role=row]')].map(row => {
        const cells = [...row.querySelectorAll('[role=gridcell]')];
        const marks = [...row.querySelectorAll('portal-invoices-mark')].map(mark =>
            [cells.findIndex(cell => cell.contains(mark)), mark.shadowRoot.querySelector('button').ariaLabel]);
        return [cells.map(cell => cell.textContent.trim()), marks];
    });";

async fn script(case: &Case, script: &str, arguments: Vec<Value>) -> Result<Value, Error> {
    let answer = case.browser.driver().execute(script, arguments).await?;
    Ok(answer.json().clone())
}

async fn rows(case: &Case) -> Result<Vec<Row>, Error> {
    Ok(serde_json::from_value(script(case, ROWS, Vec::new()).await?).unwrap_or_default())
}

/// Waits until there are so many rows, and each has the mark that is told, and no other.
async fn wait_for_marks(case: &Case, dock: &Surface<'_>, count: usize, is_right: impl Fn(&Row) -> bool) {
    let what = format!("each of {count} rows has its mark");
    let found = dock.until(&what, async || {
        let rows = rows(case).await?;
        Ok((rows.len() == count && rows.iter().all(&is_right)).then_some(()))
    });
    if let Err(error) = found.await {
        let wrong: Vec<Row> = rows(case).await.unwrap();
        let wrong: Vec<&Row> = wrong.iter().filter(|row| !is_right(row)).collect();
        panic!("{wrong:#?}\n{error}");
    }
}

/// The only mark of the row of which a cell reads so.
async fn mark_of(case: &Case, text: &str) -> WebElement {
    let script = "
        const rows = [...document.querySelectorAll('[role=grid] [role=rowgroup] [role=row]')];
        const has = row => [...row.querySelectorAll('[role=gridcell]')].some(cell => cell.textContent.trim() === arguments[0]);
        return rows.find(has).querySelector('portal-invoices-mark').shadowRoot.querySelector('button');";
    let found = case
        .browser
        .driver()
        .execute(script, vec![text.into()])
        .await
        .unwrap();
    found.element().unwrap()
}

/// The first part of the mark's name of each row of the page of subscriptions.
const MARKED: [(&str, &str); 17] = [
    ("Owner before sharing", "The invoices of {} are not shared"),
    ("Owner after sharing", "You can download the invoices of {}"),
    ("Reader before sharing", "The invoices of {} are not shared"),
    (
        "Billing Reader after sharing",
        "You can download the invoices of {}",
    ),
    (
        "Cost Management Reader",
        "Your role on {} does not include invoices",
    ),
    ("No role", "You hold no role on {}"),
    (
        "Custom role without invoices",
        "Your role on {} does not include invoices",
    ),
    // Only so much is asked for one page, so whether these are shared is not known.
    ("Unknown administrator", "You can download the invoices of {} if"),
    ("Role through a group", "You can download the invoices of {} if"),
    (
        "Role through a management group",
        "You can download the invoices of {} if",
    ),
    ("New", "You are the account administrator of {}"),
    ("Free trial", "{} is a free account"),
    ("Visual Studio credit", "{} is paid from a credit"),
    ("Disabled", "You can download the invoices of {} if"),
    ("Customer of a partner", "A partner bills you for {}"),
    ("Transferred", "You can download the invoices of {} if"),
    (
        "Billed in another directory",
        "You can download the invoices of {} if",
    ),
];

fn is_marked((cells, marks): &Row) -> bool {
    // Beside the name, which leads there.
    let [(0, mark)] = &marks[..] else { return false };
    let expected = MARKED.iter().find(|(name, _)| *name == cells[0]);
    expected.is_some_and(|(name, start)| mark.starts_with(&start.replace("{}", name)))
}

fn names_its_row((cells, marks): &Row) -> bool {
    matches!(&marks[..], [(0, mark)] if mark.contains(&cells[0]))
}

/// Boxes of everything in the page's list.
const BOXES: &str = "
    return [...document.querySelectorAll('[role=grid], [role=grid] :is([role=row], [role=gridcell], [role=columnheader])')]
        .map(each => each.getBoundingClientRect()).map(({ x, y, width, height }) => [x, y, width, height]);";

/// Writes down, at every frame, in which columns and heights cells were seen, and whether a mark took any room.
const WATCH: &str = "
    window.seen = new Set();
    const look = () => {
        for (const cell of document.querySelectorAll('[role=grid] [role=gridcell]')) {
            const { x, width, height } = cell.getBoundingClientRect();
            window.seen.add(`${x} ${width} ${height}`);
        }
        for (const mark of document.querySelectorAll('portal-invoices-mark')) {
            const { width, height } = mark.getBoundingClientRect();
            if (width + height > 0) window.seen.add(`mark ${width} ${height}`);
        }
        requestAnimationFrame(look);
    };
    look();";

async fn press(case: &Case, selector: &str) {
    let found = case.browser.driver().find(thirtyfour::By::Css(selector)).await;
    found.unwrap().click().await.unwrap();
}

async fn each_row_has_its_own_mark(family: Family) {
    let launch = Launch {
        window: (1280, 1100),
        ..Launch::new(family)
    };
    let case = Case::launched("roles", launch).await;
    // Before anything is known the list lies as the portal has made it.
    case.simulator
        .set_faults(vec![Fault::on_extension("", Effect::Hold)]);
    case.open(Page::Subscriptions).await;
    let dock = case.browser.dock().await.unwrap();
    wait_for_marks(&case, &dock, MARKED.len(), |(_, marks)| marks.is_empty()).await;
    let before = script(&case, BOXES, Vec::new()).await.unwrap();
    script(&case, WATCH, Vec::new()).await.unwrap();
    let seen = "return [...window.seen].sort();";
    let seen_before = script(&case, seen, Vec::new()).await.unwrap();
    case.simulator.set_faults(Vec::new());
    wait_for_marks(&case, &dock, MARKED.len(), is_marked).await;
    assert_eq!(script(&case, BOXES, Vec::new()).await.unwrap(), before);

    // Sorted again and again, every row is a new one each time.
    for _ in 0..12 {
        press(&case, "[role=columnheader]").await;
        wait_for_marks(&case, &dock, MARKED.len(), is_marked).await;
    }
    // Only what is drawn anew counts: the list that stood there has its marks already.
    let old = "window.old = document.querySelector('[role=grid]');";
    script(&case, old, Vec::new()).await.unwrap();
    press(&case, "[role=button][aria-label=Refresh]").await;
    dock.until("the page has drawn its list anew", async || {
        let is_new = "return !window.old.isConnected && document.querySelector('[role=grid]') !== null;";
        Ok((script(&case, is_new, Vec::new()).await? == true).then_some(()))
    })
    .await
    .unwrap();
    wait_for_marks(&case, &dock, MARKED.len(), is_marked).await;
    // Rows go, and come again in another order.
    let keep = "window.body = document.querySelector('[role=grid] [role=rowgroup]');
        window.all = [...window.body.children];
        window.body.replaceChildren(...window.all.slice(5, 9).reverse());";
    script(&case, keep, Vec::new()).await.unwrap();
    wait_for_marks(&case, &dock, 4, is_marked).await;
    let count = "return document.querySelectorAll('portal-invoices-mark').length;";
    assert_eq!(script(&case, count, Vec::new()).await.unwrap(), 4);
    script(
        &case,
        "window.body.replaceChildren(...window.all.reverse());",
        Vec::new(),
    )
    .await
    .unwrap();
    wait_for_marks(&case, &dock, MARKED.len(), is_marked).await;
    // The cells of the portal's own have never been pushed aside, not for a frame.
    assert_eq!(script(&case, seen, Vec::new()).await.unwrap(), seen_before);

    // A script of the page presses in vain.
    dock.click("Collapse").await.unwrap();
    let row = "Unknown administrator";
    let mark = mark_of(&case, row).await.to_json().unwrap();
    script(&case, "arguments[0].click();", vec![mark]).await.unwrap();
    assert!(
        !dock.text().await.unwrap().contains("Your access"),
        "it stays folded"
    );
    // A person has the dock tell of that row first, unfolded, and finds out what was not asked before.
    for _ in 0..2 {
        mark_of(&case, row).await.click().await.unwrap();
        wait_for_hint(&dock, &format!("The invoices of {row} are not shared with you")).await;
        dock.until("the keyboard is where the hint is told", async || {
            Ok((script(&case, AT_HINTS, Vec::new()).await? == true).then_some(()))
        })
        .await
        .unwrap();
        // The second time the same hint stands there already.
        script(&case, LEAVE, Vec::new()).await.unwrap();
    }

    // To another billing page and back, as the portal's own links go. More is known by then.
    let go = async |page: Page| {
        let go = "history.pushState(null, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'));";
        let address = case.simulator.portal_url(page);
        script(&case, go, vec![address.into()]).await.unwrap();
    };
    go(Page::Invoices).await;
    dock.until("invoices have marks", async || {
        let rows = rows(&case).await?;
        Ok(rows
            .iter()
            .any(|(_, marks)| matches!(&marks[..], [(6, _)]))
            .then_some(()))
    })
    .await
    .unwrap();
    go(Page::Subscriptions).await;
    wait_for_marks(&case, &dock, MARKED.len(), names_its_row).await;
    case.end().await;
}

/// Whether the keyboard is in the part of the dock that tells hints.
const AT_HINTS: &str = "
    const { activeElement } = document.querySelector('portal-invoices-dock').shadowRoot;
    return activeElement?.innerText.startsWith('Your access') ?? false;";

/// Takes the keyboard out of the dock.
const LEAVE: &str = "document.querySelector('portal-invoices-dock').shadowRoot.activeElement.blur();";

#[tokio::test(flavor = "multi_thread")]
async fn each_row_has_its_own_mark_in_chromium() {
    each_row_has_its_own_mark(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_has_its_own_mark_in_firefox() {
    each_row_has_its_own_mark(Family::Firefox).await;
}

/// Whether the row's document is there, and the row has no mark; or it is not, and the mark stands where that is said.
fn says_why_not((cells, marks): &Row) -> bool {
    let [number, .., document] = &cells[..] else {
        return false;
    };
    match document.as_str() {
        "Download" => marks.is_empty(),
        _ => {
            matches!(&marks[..], [(6, mark)] if mark.contains(number.as_str()) || mark.contains("support plan"))
        }
    }
}

/// Invoices without documents: held back, not issued, of a support plan, void.
fn invoices_without_documents() -> Scenario {
    let subscription = |more: Value| {
        let mut subscription = json!({ "administrator": "ilze.kalnina@contoso.example" });
        subscription
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        subscription
    };
    let scenario = json!({
        "name": "without-documents", "summary": "",
        "accounts": [{
            "name": "Anna Liepa", "email": "anna.liepa@contoso.example",
            "directory": "Contoso SIA", "domain": "contoso.example",
            "subscriptions": [
                subscription(json!({ "name": "Held back", "shared": false, "monthly": { "months": 12, "amount": 1.0 } })),
                subscription(json!({ "name": "Shared", "invoices": [
                    { "months_ago": 0, "name": "E0400SUPP1", "invoice_type": "AzureSupport", "documents": [] },
                    { "months_ago": 1, "name": "E0400LATE1", "documents": [] },
                    { "months_ago": 2, "name": "E0400VOID1", "status": "Void", "documents": [] },
                    { "months_ago": 2, "name": "E0400DONE1" },
                ] })),
            ],
        }],
    });
    Scenario::from_json(&scenario.to_string()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_document_is_not_available_the_mark_says_why() {
    let launch = Launch {
        window: (1280, 1200),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("empty", launch).await;
    enter(&case, &invoices_without_documents(), 0).await;
    case.simulator
        .set_faults(vec![Fault::on_extension("", Effect::Hold)]);
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    wait_for_marks(&case, &dock, 16, |(_, marks)| marks.is_empty()).await;
    let before = script(&case, BOXES, Vec::new()).await.unwrap();
    case.simulator.set_faults(Vec::new());
    wait_for_marks(&case, &dock, 16, says_why_not).await;
    assert_eq!(script(&case, BOXES, Vec::new()).await.unwrap(), before);

    for (invoice, sentence, step) in [
        (
            "E0400SUPP1",
            "Invoices of the support plan go to the account administrator only",
            "Ask the account administrator, ilze.kalnina@contoso.example, for a copy.",
        ),
        ("E0400LATE1", "Invoice E0400LATE1 has no document yet", ""),
        ("E0400VOID1", "Invoice E0400VOID1 is void", ""),
    ] {
        // The list lies below the dock.
        dock.click("Collapse").await.unwrap();
        mark_of(&case, invoice).await.click().await.unwrap();
        let words = wait_for_hint(&dock, sentence).await;
        assert!(words.contains(step), "{words}");
    }
    // Of an invoice is spoken where it was asked about only.
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.click("Expand").await.unwrap();
    wait_for_hint(&dock, "The invoices of Held back are not shared with you").await;
    assert!(!dock.text().await.unwrap().contains("E0400"));
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_frame_has_no_marks_and_the_dock_tells_it_all() {
    let case = Case::new("roles").await;
    case.simulator.portal(|portal| portal.build = Build::Frame);
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    wait_for_start(&dock, "The invoices of Owner before sharing").await;
    let count = "return document.querySelectorAll('portal-invoices-mark').length;";
    assert_eq!(script(&case, count, Vec::new()).await.unwrap(), 0);
    let driver = case.browser.driver();
    driver.enter_frame(0).await.unwrap();
    dock.until("the frame has its rows", async || {
        Ok((!rows(&case).await?.is_empty()).then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(script(&case, count, Vec::new()).await.unwrap(), 0);
    driver.enter_default_frame().await.unwrap();
    case.end().await;
}

// --- The request ----------------------------------------------------------------------------------------------------

/// What the clipboard holds, as a person would find out: by pasting it somewhere.
async fn pasted(case: &Case) -> String {
    case.browser
        .open_tab(&case.simulator.portal_url(Page::Home))
        .await
        .unwrap();
    let field =
        "const field = document.createElement('textarea'); document.body.append(field); return field;";
    let field = case
        .browser
        .driver()
        .execute(field, Vec::new())
        .await
        .unwrap()
        .element()
        .unwrap();
    field.send_keys(Key::Control + "v").await.unwrap();
    let text = field.prop("value").await.unwrap().unwrap_or_default();
    case.browser.close_tab().await.unwrap();
    text
}

/// Address, subject and text of a link that opens a mail program.
async fn mail(case: &Case, link: &str) -> [String; 3] {
    let read = "const { protocol, pathname, search } = new URL(arguments[0]);
        const field = name => new URLSearchParams(search.replaceAll('+', '%2B')).get(name);
        return [protocol + decodeURIComponent(pathname), field('subject'), field('body')];";
    let read = script(case, read, vec![link.into()]).await.unwrap();
    serde_json::from_value(read).unwrap()
}

async fn the_request_is_ready_to_send(family: Family) {
    let case = Case::launched("roles", Launch::new(family)).await;
    let name = "Owner before sharing";
    let dock = open_subscription(&case, "roles", name).await;
    wait_for_hint(&dock, &format!("The invoices of {name} are not shared with you")).await;
    let address = case.browser.driver().current_url().await.unwrap();
    let id = address
        .fragment()
        .unwrap()
        .split('/')
        .find(|part| part.len() == 36)
        .unwrap()
        .to_owned();
    let to = "ilze.kalnina@contoso.example";
    let subject = format!("Access to the Azure invoices of {name}");
    let body = format!(
        "Hello,

please let me download the Azure invoices of the subscription {name} ({id}). You are its account administrator, so only you can allow it:

1. Open https://portal.azure.com/#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices
2. Cost Management + Billing > Invoices, choose the subscription
3. Edit invoice details > Allow others to download invoice > On > Save

After that everybody with a role on the subscription, such as Reader or Billing Reader, can download its invoices.

My account: Anna Liepa (anna.liepa@contoso.example), directory Contoso SIA.

Thank you
Anna Liepa"
    );
    dock.click("Copy request").await.unwrap();
    dock.until("it says so", async || {
        Ok(dock.offers("Copied").await?.then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(pasted(&case).await, format!("{to}\n{subject}\n\n{body}"));

    let link = dock.link("Write e-mail").await.unwrap().unwrap();
    let parts = mail(&case, &link).await;
    assert_eq!(
        parts,
        [
            format!("mailto:{to}"),
            subject.clone(),
            body.replace('\n', "\r\n")
        ]
    );

    assert!(!dock.text().await.unwrap().contains(&subject));
    dock.click("Show the request").await.unwrap();
    let text = dock.wait_for_text(&subject).await.unwrap();
    assert!(text.contains(&body), "{text}");
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_ready_to_send_in_chromium() {
    the_request_is_ready_to_send(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_ready_to_send_in_firefox() {
    the_request_is_ready_to_send(Family::Firefox).await;
}

// --- Mishaps --------------------------------------------------------------------------------------------------------

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Effect {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Effect::Answer {
        status,
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_azure_does_not_tell_is_told_as_unknown_until_it_does() {
    const NOT_SHARED: &str = "The invoices of Reader before sharing are not shared with you";
    const IF_SHARED: &str = "You can download the invoices of Reader before sharing if they are shared";
    const UNKNOWN: &str = "What you may do on Reader before sharing could not be found out";
    let case = Case::new("roles").await;
    case.simulator.expect_repetition();
    let refusal = || {
        answer(
            403,
            &[],
            r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#,
        )
    };
    let permissions = |effect| Fault::on_extension("/permissions?", effect);
    let invoices = |effect| Fault::on_extension("/invoices?", effect);
    let property = |effect| Fault::on_extension("/billingProperty/", effect);
    let all = |effect| Fault::on_extension("", effect);
    let dock = open_subscription(&case, "roles", "Reader before sharing").await;
    wait_for_hint(&dock, NOT_SHARED).await;
    for (faults, told) in [
        // Permissions alone are not needed to see that documents are held back.
        (vec![permissions(refusal())], NOT_SHARED),
        (vec![permissions(refusal()), invoices(refusal())], UNKNOWN),
        (
            vec![permissions(answer(500, &[], "")), invoices(answer(503, &[], ""))],
            UNKNOWN,
        ),
        (
            vec![
                permissions(answer(200, &[], "")),
                invoices(answer(200, &[], "<html>")),
            ],
            UNKNOWN,
        ),
        (
            vec![
                permissions(Effect::Truncate { bytes: 10 }),
                invoices(Effect::Reset),
            ],
            UNKNOWN,
        ),
        (vec![invoices(answer(500, &[], ""))], IF_SHARED),
        (vec![property(refusal())], IF_SHARED),
        (vec![property(answer(502, &[], ""))], IF_SHARED),
        (vec![all(answer(500, &[], ""))], "Azure does not tell how"),
        (
            vec![all(answer(429, &[("retry-after", "1")], "")).nth(2)],
            NOT_SHARED,
        ),
        (vec![all(Effect::Delay { milliseconds: 700 })], NOT_SHARED),
    ] {
        case.simulator.set_faults(faults.clone());
        dock.click(CHECK_AGAIN).await.unwrap();
        eprintln!("{faults:?}");
        wait_for_start(&dock, told).await;
        case.simulator.set_faults(Vec::new());
        dock.click(CHECK_AGAIN).await.unwrap();
        wait_for_hint(&dock, NOT_SHARED).await;
    }

    // While Azure takes its time the person can do everything else.
    case.simulator.set_faults(vec![all(Effect::Hold)]);
    dock.click(CHECK_AGAIN).await.unwrap();
    dock.wait_for_text("Finding out what you may do here")
        .await
        .unwrap();
    assert!(!dock.offers(CHECK_AGAIN).await.unwrap(), "it is being done");
    dock.choose("Period", "Custom").await.unwrap();
    dock.wait_for_text("Invoices dated from").await.unwrap();
    case.simulator.set_faults(Vec::new());
    wait_for_hint(&dock, NOT_SHARED).await;
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_any_kind_are_text_and_short_enough() {
    let case = Case::new("awkward-access").await;
    let scenario = Scenario::named("awkward-access").unwrap();
    let subscriptions = scenario.accounts[0].subscriptions.len();
    for page in (0..subscriptions)
        .map(Page::SubscriptionInvoices)
        .chain([Page::Invoices, Page::Subscriptions])
    {
        case.open(page).await;
        case.browser.reload().await.unwrap();
        let dock = case.browser.dock().await.unwrap();
        dock.wait_for_text(CHECK_AGAIN).await.unwrap();
        let unfold = "const { shadowRoot } = document.querySelector('portal-invoices-dock');
            shadowRoot.querySelectorAll('details').forEach(each => { each.open = true; });";
        script(&case, unfold, Vec::new()).await.unwrap();
        assert_eq!(dock.cut_off().await.unwrap(), Vec::<String>::new(), "{page:?}");
        let foreign = "const { shadowRoot } = document.querySelector('portal-invoices-dock');
            return shadowRoot.querySelectorAll('b, i, img, script').length;";
        assert_eq!(script(&case, foreign, Vec::new()).await.unwrap(), 0, "{page:?}");
    }
    let dock = open_subscription(&case, "awkward-access", "<b>x</b>").await;
    let words = wait_for_hint(&dock, "The invoices of <b>x</b> are not shared with you").await;
    assert!(
        words.contains("\"><img src=x onerror=alert(1)>@contoso.example"),
        "{words}"
    );
    let link = dock.link("Write e-mail").await.unwrap().unwrap();
    assert!(
        link.starts_with(
            "mailto:%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E@contoso.example?subject="
        ),
        "{link}"
    );
    let long = &scenario.accounts[0].subscriptions[1].name;
    let dock = open_subscription(&case, "awkward-access", long).await;
    let cut: String = long.chars().take(59).collect();
    wait_for_hint(&dock, &format!("The invoices of {cut}… are not shared with you")).await;
    case.end().await;
}

// --- After a run ----------------------------------------------------------------------------------------------------

/// Place | a part of the reason | the step.
const REPORTED: [(&str, &str, &str); 5] = [
    (
        "No role",
        "you need the role Billing Reader or Reader",
        "and the account administrator to allow it. Azure does not tell who that is.",
    ),
    (
        "Cost Management Reader",
        "For invoices you need the role Billing Reader or Reader",
        "and the account administrator, ilze.kalnina@contoso.example, to allow it.",
    ),
    (
        "Customer of a partner",
        "Microsoft sends its invoice to the partner",
        "Ask your partner (reseller) for the invoice.",
    ),
    (
        "Free trial",
        "no invoice until more is used than the free credit covers",
        "",
    ),
    ("Owner after sharing", "6 invoices.", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_the_same_reasons() {
    let case = Case::new("roles").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    dock.click("Where invoices were looked for (18 places)")
        .await
        .unwrap();
    let told = dock.wait_for_text("Subscription No role:").await.unwrap();
    dock.click("Show report").await.unwrap();
    let page = case.browser.go_to_opened_page("reports.html").await.unwrap();
    page.click("Where invoices were looked for (18 places)")
        .await
        .unwrap();
    let reported = page.wait_for_text("Subscription No role:").await.unwrap();
    for text in [told, reported] {
        for (place, why, step) in REPORTED {
            let start = format!("Subscription {place}:");
            let line = text
                .lines()
                .find(|line| line.starts_with(&start))
                .unwrap_or_default();
            assert!(line.contains(why) && line.ends_with(step), "{line}");
        }
    }
    case.end().await;
}

// --- Time goes by ---------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_ends_while_it_asks_asks_again() {
    let case = Case::new("roles").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_extension("/permissions?", Effect::Hold)]);
    let dock = open_subscription(&case, "roles", "Reader before sharing").await;
    dock.until("it is being asked", async || {
        let requests = case.simulator.requests();
        let is_property = |path: &str| path.contains("/billingProperty/");
        Ok(requests
            .iter()
            .any(|each| each.from == Sender::Extension && is_property(&each.path))
            .then_some(()))
    })
    .await
    .unwrap();
    case.browser.kill_background().await.unwrap();
    case.simulator.set_faults(Vec::new());
    wait_for_hint(
        &dock,
        "The invoices of Reader before sharing are not shared with you",
    )
    .await;
    // What was found out is kept; the next one has it without asking.
    case.browser.kill_background().await.unwrap();
    case.simulator.forget();
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    wait_for_hint(
        &dock,
        "The invoices of Reader before sharing are not shared with you",
    )
    .await;
    let asked: Vec<String> = case
        .simulator
        .requests()
        .into_iter()
        .filter(|each| each.from == Sender::Extension)
        .map(|each| each.path)
        .collect();
    assert_eq!(asked, Vec::<String>::new());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_sees_nothing_of_the_first() {
    let case = Case::new("enterprise-roles").await;
    let dock = open_subscription(&case, "enterprise-roles", "Contoso Production").await;
    wait_for_hint(
        &dock,
        "You can download the invoices of the enrollment Contoso Enterprise",
    )
    .await;
    case.simulator.sign_in(2);
    case.open(Page::Invoices).await;
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    wait_for_hint(
        &dock,
        "A partner may be the one who is invoiced for Fabrikam Enterprise",
    )
    .await;
    assert!(!dock.text().await.unwrap().contains("Contoso"));
    case.simulator.sign_in(1);
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    wait_for_hint(
        &dock,
        "Department administrators and account owners get no invoices",
    )
    .await;
    assert!(!dock.text().await.unwrap().contains("Fabrikam"));
    case.end().await;
}

// --- How it looks ---------------------------------------------------------------------------------------------------

/// Names of marks that are not wholly inside the cell that they stand in.
const MARKS_CUT_OFF: &str = "
    return [...document.querySelectorAll('portal-invoices-mark')].filter(mark => {
        const button = mark.shadowRoot.querySelector('button').getBoundingClientRect();
        const cell = mark.closest('[role=gridcell]').getBoundingClientRect();
        return button.width < 16 || button.left < cell.left || button.right > cell.right
            || button.top < cell.top || button.bottom > cell.bottom;
    }).map(mark => mark.shadowRoot.querySelector('button').title);";

#[tokio::test(flavor = "multi_thread")]
async fn hints_in_every_look() {
    let case = Case::new("roles").await;
    let forced = |value: &str| json!({ "features": [{ "name": "forced-colors", "value": value }] });
    let size = |width: u32, height: u32, scale: u32| json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
    let usual = size(1280, 960, 1);
    let (english, latvian) = (("en", "English"), ("lv", "Latviešu"));
    // Of all languages the one with the longest texts.
    let german = ("de", "Deutsch");
    let mut before = english.0;
    for (look, theme, colours, size, (language, endonym)) in [
        ("light", Theme::Light, "none", usual.clone(), english),
        ("dark", Theme::Dark, "none", usual.clone(), english),
        ("forced", Theme::Light, "active", usual.clone(), english),
        ("zoomed", Theme::Light, "none", size(640, 480, 2), english),
        ("narrow", Theme::Light, "none", size(500, 900, 1), english),
        ("latvian", Theme::Light, "none", usual.clone(), latvian),
        ("german", Theme::Light, "none", usual, german),
        ("german-narrow", Theme::Dark, "none", size(500, 900, 1), german),
    ] {
        let texts = Texts::of(language);
        case.simulator.portal(|portal| portal.theme = theme);
        let browser = &case.browser;
        browser
            .devtools("Emulation.setDeviceMetricsOverride", size)
            .await
            .unwrap();
        browser
            .devtools("Emulation.setEmulatedMedia", forced(colours))
            .await
            .unwrap();
        for (page, name) in [
            (Page::Subscriptions, "subscriptions"),
            (Page::Invoices, "invoices"),
        ] {
            case.open(page).await;
            browser.reload().await.unwrap();
            let dock = browser.dock().await.unwrap();
            // The choice stays.
            if language != before {
                let label = Texts::of(before).say("language");
                dock.choose(&label, endonym).await.unwrap();
                before = language;
            }
            let check_again = texts.say("accessRefresh");
            dock.until("hints and marks are there", async || {
                let marks = "return [...document.querySelectorAll('portal-invoices-mark')]
                    .filter(mark => mark.checkVisibility()).length;";
                let marks = script(&case, marks, Vec::new())
                    .await?
                    .as_u64()
                    .unwrap_or_default();
                let is_settled = dock.text().await?.contains(&check_again);
                Ok((marks > 0 && is_settled).then_some(()))
            })
            .await
            .unwrap();
            let part = "document.querySelector('portal-invoices-dock').shadowRoot.querySelector('.notice').scrollIntoView();";
            script(&case, part, Vec::new()).await.unwrap();
            browser
                .screenshot(&picture(&format!("hints-{name}-{look}.png")))
                .await
                .unwrap();
            assert_eq!(
                dock.cut_off().await.unwrap(),
                Vec::<String>::new(),
                "{look} {name}"
            );
            dock.click(&texts.say("fold")).await.unwrap();
            let file = picture(&format!("hints-{name}-{look}-folded.png"));
            browser.screenshot(&file).await.unwrap();
            let cut = script(&case, MARKS_CUT_OFF, Vec::new()).await.unwrap();
            assert_eq!(cut, json!([]), "{look} {name}");
            dock.click(&texts.say("unfold")).await.unwrap();
        }
    }
    case.end().await;
}

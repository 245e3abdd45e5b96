//! The brain's part about access: whose facts are wanted, what is asked for them, and the hints that follow.
//! Must not know: the words of a hint, or how anything is asked.

use time::OffsetDateTime;

use crate::access::{
    Answer, Answers, Hint, Inquiry, May, Question, Visible, verdict_on_invoice, verdict_on_person,
};
use crate::azure::json::items;
use crate::azure::{Account, Identity, Tenant};
use crate::download::ScopeAnswer;
use crate::invoices::ScopeKind;
use crate::message::{FaceKind, RowHint};
use crate::portal::Page;
use crate::view::{Phrase, Strings, row_sentence};

use super::{Background, Effect, Face};

/// Places of a report that are asked about.
const REPORTED: usize = 20;

impl Background {
    /// Turns to what is in sight of every person that has a dock or a page of ours open.
    pub(super) fn inquire(&mut self, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let faces = self.faces.values().filter(|face| face.greeted);
        let seen: Vec<(Identity, Visible)> = faces
            .filter_map(|face| {
                let identity = self.account_of(face, now)?.identity;
                let page = self.in_sight(face, &identity);
                Some((identity, page))
            })
            .collect();
        let mut by_person: Vec<(Identity, Vec<Visible>)> = Vec::new();
        for (identity, page) in seen {
            match by_person.iter_mut().find(|(known, _)| *known == identity) {
                Some((_, pages)) if !pages.contains(&page) => pages.push(page),
                Some(_) => {}
                None => by_person.push((identity, vec![page])),
            }
        }
        for (identity, pages) in by_person {
            match self.inquiries.get_mut(&identity) {
                Some(inquiry) => {
                    let questions = inquiry.turn_to(pages, now);
                    effects.extend(
                        questions
                            .into_iter()
                            .map(|each| Effect::Ask(identity.clone(), each)),
                    );
                }
                None if self.reading_answers.insert(identity.clone()) => {
                    effects.push(Effect::ReadAnswers(identity));
                }
                None => {}
            }
        }
    }

    /// What a face shows that facts are wanted of: of a billing page everything, else who is acting.
    fn in_sight(&self, face: &Face, identity: &Identity) -> Visible {
        let is_billing = face.page.is_some_and(Page::is_about_billing);
        match face.kind {
            FaceKind::Dock { .. } if is_billing => Visible {
                is_about_billing: true,
                subscription: face.subscription.clone(),
                rows: face.rows.clone(),
                reported: self.reported(identity),
                chosen: Some(&face.asked_about)
                    .filter(|id| face.rows.contains(id))
                    .cloned()
                    .into_iter()
                    .collect(),
                ..Visible::default()
            },
            FaceKind::Sharing => Visible {
                is_about_billing: true,
                everything: true,
                ..Visible::default()
            },
            FaceKind::Reports => {
                let reported = self.reported(identity);
                Visible {
                    is_about_billing: !reported.is_empty(),
                    is_report: true,
                    reported,
                    ..Visible::default()
                }
            }
            _ => Visible::default(),
        }
    }

    /// Subscriptions that kept their invoices to themselves in the last run, and then those that may have kept a document.
    fn reported(&self, identity: &Identity) -> Vec<String> {
        let Some(report) = self.reports.get(identity) else {
            return Vec::new();
        };
        let is_withheld =
            |answer: &ScopeAnswer| matches!(answer, ScopeAnswer::Refused(_) | ScopeAnswer::NothingVisible);
        let lacks_documents =
            |answer: &ScopeAnswer| matches!(answer, ScopeAnswer::Listed(_)) && !report.not_offered.is_empty();
        let of = |is_meant: &dyn Fn(&ScopeAnswer) -> bool| {
            let lines = report.scopes.iter();
            let lines = lines.filter(|line| line.kind == ScopeKind::Subscription && is_meant(&line.answer));
            lines.map(|line| line.id.to_ascii_lowercase()).collect::<Vec<_>>()
        };
        let ids = of(&is_withheld).into_iter().chain(of(&lacks_documents));
        ids.filter(|id| !id.is_empty()).take(REPORTED).collect()
    }

    pub(super) fn answers_read(&mut self, identity: Identity, answers: Answers, now: OffsetDateTime) {
        self.reading_answers.remove(&identity);
        self.inquiries.insert(identity, Inquiry::new(answers, now));
    }

    pub(super) fn answered(
        &mut self,
        identity: Identity,
        question: &Question,
        answer: Answer,
        now: OffsetDateTime,
        effects: &mut Vec<Effect>,
    ) {
        let Some(inquiry) = self.inquiries.get_mut(&identity) else {
            return;
        };
        let next = inquiry.take(question, answer, now);
        if next.is_empty() && !inquiry.is_asking() {
            effects.push(Effect::KeepAnswers(identity, inquiry.answers().json()));
            return;
        }
        effects.extend(next.into_iter().map(|each| Effect::Ask(identity.clone(), each)));
    }

    /// Finds out everything anew: roles may have been given since.
    pub(super) fn check_access(&mut self, identity: &Identity, effects: &mut Vec<Effect>) {
        if let Some(inquiry) = self.inquiries.get_mut(identity) {
            let questions = inquiry.begin_anew();
            effects.extend(
                questions
                    .into_iter()
                    .map(|each| Effect::Ask(identity.clone(), each)),
            );
        }
    }

    /// The name of the directory that a person acts in, once Azure has told it.
    pub(super) fn directory_of(&self, identity: &Identity) -> Option<String> {
        let told = self
            .inquiries
            .get(identity)?
            .answers()
            .told(&Question::Directories)?;
        let mut directories = items(told, "value").iter().filter_map(Tenant::read);
        let own = directories.find(|each| each.tenant_id.eq_ignore_ascii_case(&identity.tenant_id))?;
        Some(own.display_name).filter(|name| !name.is_empty())
    }

    /// What is to be said to a person of what a face shows, the weightiest first.
    pub(super) fn hints(&self, face: &Face, account: &Account, now: OffsetDateTime) -> Vec<Hint> {
        let Some(inquiry) = self.inquiries.get(&account.identity) else {
            return Vec::new();
        };
        let mut hints = Vec::new();
        let mut sees_some = false;
        let verdicts = match face.kind {
            // The popup is about nothing itself, and shows the last report.
            FaceKind::Popup => inquiry.verdicts(account, now.date()),
            _ => inquiry.verdicts_on(&self.in_sight(face, &account.identity), account, now.date()),
        };
        for (facts, verdict) in verdicts {
            sees_some |= verdict.download != May::No;
            let invoices = facts.invoices.told().into_iter().flatten();
            hints.extend(verdict.hints);
            hints.extend(invoices.filter_map(|invoice| verdict_on_invoice(&facts, invoice)));
        }
        // Another account is worth a thought where this one opens nothing.
        if !sees_some && !inquiry.is_asking() {
            hints.extend(verdict_on_person(inquiry.person(account)));
        }
        let mut sorted: Vec<Hint> = Vec::with_capacity(hints.len());
        for hint in hints {
            let at = sorted.partition_point(|other| other.severity <= hint.severity);
            sorted.insert(at, hint);
        }
        sorted
    }

    /// Whether the person may let others download the invoices of some place in sight.
    pub(super) fn may_share_some(&self, account: &Account, now: OffsetDateTime) -> bool {
        let inquiry = self.inquiries.get(&account.identity);
        let verdicts = inquiry.map(|inquiry| inquiry.verdicts(account, now.date()));
        let mut verdicts = verdicts.into_iter().flatten();
        verdicts.any(|(_, verdict)| verdict.share == May::Yes)
    }

    /// One sentence for each row in sight about which there is something to say.
    pub(super) fn row_hints(
        &self,
        face: &Face,
        hints: &[Hint],
        strings: &Strings,
        portal: &Strings,
    ) -> Vec<RowHint> {
        let rows = face.rows.iter();
        rows.filter_map(|row| {
            // Of an invoice what is said about it, else what is said about its place.
            let of_invoice = hints.iter().find(|hint| hint.invoice.as_ref() == Some(row));
            let of_place = || {
                hints
                    .iter()
                    .find(|hint| hint.invoice.is_none() && hint.subscriptions.iter().any(|id| id == row))
            };
            let hint = of_invoice.or_else(of_place)?;
            Some(RowHint {
                id: row.clone(),
                text: row_sentence(strings, hint),
                tone: hint.severity.as_str(),
                beside: portal.say(Phrase::PortalNotAvailable),
            })
        })
        .collect()
    }
}

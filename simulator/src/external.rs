//! Hosts outside Azure that keep documents: what they hand out, to whoever was really led there.
//! It must not know how Azure hands out its own.

use hyper::{Method, StatusCode};

use crate::arm::shapes::invoice::external_url;
use crate::documents;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::state::State;
use crate::world::Found;

/// Answers a request to such a host.
pub(crate) fn answer(state: &State, request: &Request) -> Answer {
    match document(state, request) {
        Some(found) => Answer::new(StatusCode::OK, "application/pdf", documents::content(found))
            .with("content-disposition", "attachment"),
        None => Answer::new(
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
            "<!DOCTYPE html><title>404</title>",
        ),
    }
}

/// Whether an invoice of the signed-in person leads exactly here, and nothing is sent that does not belong here.
pub(crate) fn is_linked(state: &State, request: &Request) -> bool {
    request.secure && !request.has_authorization() && document(state, request).is_some()
}

fn document<'a>(state: &'a State, request: &Request) -> Option<Found<'a>> {
    if request.method != Method::GET || request.host != hosts::MUNICIPALITY {
        return None;
    }
    let url = format!("https://{}{}?{}", request.host, request.path, request.query);
    let keys = state.world.documents(state.signed_in);
    let linked = keys.into_iter().find_map(|key| {
        let found = state.world.find(key)?;
        (external_url(found.billed, found.document)? == url).then_some((key, found))
    });
    linked
        .filter(|(key, _)| state.shows(*key))
        .map(|(_, found)| found)
}

//! Connections and their protocols: takes requests off the wire, lets time pass, and sends the answers.
//! It must not know what a service answers: it only picks the service by the host's name.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::Acceptor;

use crate::certificate::Servers;
use crate::exchange::{Answer, Request};
use crate::faults::Effect;
use crate::hosts::{self, Service};
use crate::line::{Cut, Line, Travelling};
use crate::log::{LoggedRequest, Sender};
use crate::settings::Settings;
use crate::state::State;
use crate::{arm, blob, external, poison, portal, sharing};

/// Larger than anything that is ever sent here.
const LARGEST_BODY: usize = 1 << 20;
/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) line: Arc<Line>,
    round_trip: Duration,
    blob_round_trip: Duration,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            line: Arc::new(Line::new(state.settings.bytes_per_second)),
            round_trip: state.settings.round_trip,
            blob_round_trip: state.settings.blob_round_trip,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How connections are let in: in which protocols, and how many at once.
#[derive(Debug)]
pub(crate) struct Doors {
    servers: Servers,
    http2: bool,
    arm_http2: bool,
    blob_http2: bool,
    places: Arc<Semaphore>,
    /// By host of blob storage.
    blob_places: Vec<(&'static str, Arc<Semaphore>)>,
}

impl Doors {
    pub(crate) fn new(settings: &Settings, servers: Servers) -> Self {
        let places = |limit: Option<usize>| {
            let limit = limit.unwrap_or(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)))
        };
        let storage = hosts::all().filter(|host| hosts::service(host) == Some(Service::Blob));
        Self {
            servers,
            http2: settings.http2,
            arm_http2: settings.arm_http2,
            blob_http2: settings.blob_http2,
            places: places(settings.connections),
            blob_places: storage
                .map(|host| (host, places(settings.blob_connections)))
                .collect(),
        }
    }

    /// What TLS needs for a host.
    fn server(&self, host: Option<&str>) -> Arc<ServerConfig> {
        let offers = match host.and_then(hosts::service) {
            Some(Service::Arm) => self.arm_http2,
            Some(Service::Blob) => self.blob_http2,
            _ => true,
        };
        Arc::clone(if self.http2 && offers {
            &self.servers.http2
        } else {
            &self.servers.http1
        })
    }

    /// A place at a host, when one is free.
    async fn place(&self, host: Option<&str>) -> Option<OwnedSemaphorePermit> {
        let (_, places) = self.blob_places.iter().find(|(name, _)| host == Some(*name))?;
        Arc::clone(places).acquire_owned().await.ok()
    }
}

/// Accepts connections until it is dropped; a connection is TLS, or plain HTTP if it does not start like TLS.
pub(crate) async fn serve(listener: TcpListener, doors: Arc<Doors>, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&doors.places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while open.try_join_next().is_some() {}
        let (doors, shared) = (Arc::clone(&doors), Arc::clone(&shared));
        open.spawn(async move {
            let _place = place;
            // A client that breaks off is none of our business.
            let _ = connection(stream, &doors, shared).await;
        });
    }
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn connection(stream: TcpStream, doors: &Doors, shared: Arc<Shared>) -> Outcome {
    stream.set_nodelay(true)?;
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(());
    }
    if first != [HANDSHAKE] {
        return converse(stream, false, shared).await;
    }
    let handshake = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let host = handshake.client_hello().server_name().map(str::to_owned);
    let _place = doors.place(host.as_deref()).await;
    let stream = handshake.into_stream(doors.server(host.as_deref())).await?;
    converse(stream, true, shared).await
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    secure: bool,
    shared: Arc<Shared>,
) -> Outcome {
    let service = service_fn(move |incoming| exchange(incoming, secure, Arc::clone(&shared)));
    Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
}

/// One request and its answer, with the distance and the mishaps between them.
async fn exchange(
    incoming: hyper::Request<Incoming>,
    secure: bool,
    shared: Arc<Shared>,
) -> Result<Response<Travelling>, Cut> {
    let request = read(incoming, secure).await.ok_or(Cut)?;
    let service = hosts::service(&request.host);
    let is_counted = service == Some(Service::Arm) && request.sender() == Sender::Extension;
    let (effect, mut replaced, _under_way) = {
        let mut state = shared.state();
        state.watch_request(&request);
        let under_way = is_counted.then(|| state.traffic.begin());
        (state.faults.hit(&request), state.faults.replaced(), under_way)
    };
    sleep(if service == Some(Service::Blob) {
        shared.blob_round_trip
    } else {
        shared.round_trip
    })
    .await;

    let (mut cut_after, mut hostile) = (None, None);
    let planned = match effect {
        Some(Effect::Reset) => {
            shared.state().log.push(LoggedRequest::new(&request, 0));
            return Err(Cut);
        }
        Some(Effect::Answer {
            status,
            headers,
            body,
        }) => Some(prescribed(&request, status, &headers, body)),
        Some(Effect::Delay { milliseconds }) => {
            sleep(Duration::from_millis(milliseconds)).await;
            None
        }
        Some(Effect::Hold) => {
            // An error means that the simulator ends.
            let _ = replaced.changed().await;
            None
        }
        Some(Effect::Truncate { bytes }) => {
            cut_after = Some(bytes);
            None
        }
        Some(Effect::ExpireToken) => {
            let token = request.header("authorization");
            shared.state().tokens.expire(token, request.at);
            None
        }
        Some(Effect::HostileLink { place, link }) => {
            hostile = Some((place, link));
            None
        }
        None => None,
    };
    loop {
        let held = sharing::held(&shared.state(), &request);
        let Some(mut changed) = held else { break };
        if changed.changed().await.is_err() {
            break;
        }
    }
    let answer = {
        let mut state = shared.state();
        let mut answer = planned.unwrap_or_else(|| dispatch(&mut state, service, &request));
        if let Some((place, link)) = hostile {
            poison::spoil_answer(&mut answer, place, link);
        }
        let status = if answer.is_lost { 0 } else { answer.status.as_u16() };
        state.log.push(LoggedRequest::new(&request, status));
        state
            .watch
            .on_answer(&request, &answer, Instant::now(), OffsetDateTime::now_utc());
        answer
    };
    if answer.is_lost {
        return Err(Cut);
    }
    let mut response = Response::new(Travelling::new(
        answer.body,
        cut_after.or(answer.cut_after),
        Arc::clone(&shared.line),
    ));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

async fn read(incoming: hyper::Request<Incoming>, secure: bool) -> Option<Request> {
    let (arrived, at) = (Instant::now(), OffsetDateTime::now_utc());
    let (head, body) = incoming.into_parts();
    let named = head.uri.authority().map(ToString::to_string);
    let host = named.or_else(|| head.headers.get(HOST)?.to_str().ok().map(str::to_owned))?;
    let host = host
        .split_once(':')
        .map_or(host.as_str(), |(host, _)| host)
        .to_ascii_lowercase();
    let body = Limited::new(body, LARGEST_BODY).collect().await.ok()?.to_bytes();
    Some(Request {
        method: head.method,
        host,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
        secure,
        arrived,
        at,
    })
}

fn dispatch(state: &mut State, service: Option<Service>, request: &Request) -> Answer {
    if !request.secure {
        return Answer::empty(StatusCode::MOVED_PERMANENTLY)
            .with("location", format!("https://{}{}", request.host, request.path));
    }
    match service {
        Some(Service::Portal) => portal::answer(state, request),
        Some(Service::Frame) => portal::frame(state, request),
        Some(Service::Arm) => arm::answer(state, request),
        Some(Service::Blob) => blob::answer(state, request),
        Some(Service::External) => external::answer(state, request),
        Some(Service::Foreign) | None => {
            Answer::new(StatusCode::OK, "text/plain", "This host is no part of Azure.")
        }
    }
}

/// The answer that a mishap prescribes; the page may read it like any other.
fn prescribed(request: &Request, status: u16, headers: &[(String, String)], body: String) -> Answer {
    let mut answer = Answer::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    answer.body = body.into();
    for (name, value) in headers {
        let value = with_dates(value, OffsetDateTime::now_utc());
        if let (Ok(name), Ok(value)) = (hyper::header::HeaderName::try_from(name), value.parse()) {
            answer.headers.append(name, value);
        }
    }
    match request
        .header("origin")
        .filter(|origin| hosts::is_portal_origin(origin))
    {
        Some(origin) => answer.with("access-control-allow-origin", origin),
        None => answer,
    }
}

/// `{http-date+2}` becomes the date so many seconds from now.
fn with_dates(value: &str, now: OffsetDateTime) -> String {
    let seconds = value
        .strip_prefix("{http-date+")
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(|seconds| seconds.parse().ok());
    let Some(seconds) = seconds else {
        return value.to_owned();
    };
    let date = now.saturating_add(time::Duration::seconds(seconds));
    let http = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    date.format(http).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_date_in_a_prescribed_header_is_counted_from_the_answer() {
        let now = datetime!(2026-11-23 10:00:59 UTC);
        assert_eq!(with_dates("{http-date+2}", now), "Mon, 23 Nov 2026 10:01:01 GMT");
        assert_eq!(with_dates("2", now), "2");
    }
}

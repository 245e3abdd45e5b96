//! The line to the service: one capacity that all bodies share, and bodies that travel at its speed.
//! It must not know what the bodies are.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Duration, Instant, Sleep, sleep, sleep_until};

/// What travels at once.
const PIECE: usize = 16 * 1024;

/// A line of some capacity.
#[derive(Debug)]
pub(crate) struct Line {
    bytes_per_second: Option<u64>,
    free_at: Mutex<Instant>,
}

impl Line {
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        Self {
            bytes_per_second: bytes_per_second.filter(|rate| *rate > 0),
            free_at: Mutex::new(Instant::now()),
        }
    }

    /// When so many bytes, sent after all that was reserved before, will have arrived.
    fn reserve(&self, bytes: usize) -> Option<Instant> {
        let rate = self.bytes_per_second?;
        let microseconds = u64::try_from(bytes).ok()?.saturating_mul(1_000_000) / rate;
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        *free_at = (*free_at).max(Instant::now()) + Duration::from_micros(microseconds);
        Some(*free_at)
    }
}

/// From the last byte to the break: what was sent must be out of our buffers before.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// The connection breaks here, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
pub(crate) struct Cut;

/// A body on its way.
#[derive(Debug)]
pub(crate) struct Travelling {
    rest: Bytes,
    /// Bytes that will never be sent although they were promised.
    withheld: usize,
    line: Arc<Line>,
    underway: Option<(Bytes, Pin<Box<Sleep>>)>,
    breaking: Option<Pin<Box<Sleep>>>,
}

impl Travelling {
    pub(crate) fn new(body: Bytes, cut_after: Option<usize>, line: Arc<Line>) -> Self {
        let sent = cut_after.unwrap_or(body.len()).min(body.len());
        let withheld = body.len() - sent;
        Self {
            rest: body.slice(..sent),
            withheld,
            line,
            underway: None,
            breaking: None,
        }
    }
}

impl Body for Travelling {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some((_, arrival)) = &mut self.underway {
                ready!(arrival.as_mut().poll(context));
                let piece = self.underway.take().map(|(piece, _)| piece).unwrap_or_default();
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if self.rest.is_empty() && self.withheld == 0 {
                return Poll::Ready(None);
            }
            if self.rest.is_empty() {
                let breaking = self.breaking.get_or_insert_with(|| Box::pin(sleep(LAST_BYTES)));
                ready!(breaking.as_mut().poll(context));
                return Poll::Ready(Some(Err(Cut)));
            }
            let length = self.rest.len().min(PIECE);
            let piece = self.rest.split_to(length);
            match self.line.reserve(length) {
                Some(arrival) => self.underway = Some((piece, Box::pin(sleep_until(arrival)))),
                None => return Poll::Ready(Some(Ok(Frame::data(piece)))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.underway.is_none() && self.withheld == 0
    }

    fn size_hint(&self) -> SizeHint {
        let underway = self.underway.as_ref().map_or(0, |(piece, _)| piece.len());
        SizeHint::with_exact((self.rest.len() + self.withheld + underway) as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_body_arrives_whole() {
        let line = Arc::new(Line::new(None));
        let body = Travelling::new(Bytes::from(vec![7; 40_000]), None, line);
        assert_eq!(body.size_hint().exact(), Some(40_000));
        assert_eq!(body.collect().await.unwrap().to_bytes().len(), 40_000);
    }

    #[tokio::test]
    async fn a_cut_body_promises_more_than_it_brings() {
        let body = Travelling::new(Bytes::from(vec![7; 100]), Some(60), Arc::new(Line::new(None)));
        assert_eq!(body.size_hint().exact(), Some(100));
        assert!(body.collect().await.is_err());
    }

    #[tokio::test]
    async fn two_bodies_share_the_capacity() {
        let line = Arc::new(Line::new(Some(200_000)));
        let started = Instant::now();
        let one = Travelling::new(Bytes::from(vec![7; 20_000]), None, Arc::clone(&line)).collect();
        let two = Travelling::new(Bytes::from(vec![7; 20_000]), None, line).collect();
        let (one, two) = tokio::join!(one, two);
        assert!(one.is_ok() && two.is_ok());
        assert!(started.elapsed() >= Duration::from_millis(190));
    }
}

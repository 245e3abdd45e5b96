//! Scripts of mishaps: everything that a service may do to each of several routes, in an order that a seed decides.
//! It must not know what the routes are for.

use super::{Effect, Fault};
use crate::draw::Draw;
use crate::poison::{LinkPlace, Poison};

/// Every spelling of a wait of about a second, and an answer that names none.
const WAITS: [&[(&str, &str)]; 7] = [
    &[("retry-after", "1")],
    &[("retry-after", "{http-date+2}")],
    &[("retry-after-ms", "900")],
    &[("x-ms-retry-after-ms", "1100")],
    &[("x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after", "1")],
    &[("retry-after", "1"), ("x-ms-retry-after-ms", "1500")],
    &[],
];
/// Statuses after which a request may be sent again.
const STATUSES: [u16; 6] = [429, 503, 500, 502, 504, 408];
const PLACES: [LinkPlace; 4] = [
    LinkPlace::NextLink,
    LinkPlace::Location,
    LinkPlace::DocumentUrl,
    LinkPlace::Result,
];

impl Fault {
    /// Mishaps of the extension's requests to each of the routes (parts of path and query): every spelling of a wait,
    /// a delay, a reset, a truncation, a token that expires and a hostile link, once each and never two in a row. The
    /// same seed and routes give the same script.
    #[must_use]
    pub fn script<S: AsRef<str>>(seed: u64, routes: impl IntoIterator<Item = S>) -> Vec<Self> {
        let mut script = Vec::new();
        for route in routes {
            let route = route.as_ref();
            let mut draw = Draw::new(seed, &format!("script {route}"));
            let mut nth = 0;
            for effect in effects(&mut draw) {
                nth += u32::try_from(draw.number(2..5)).unwrap_or(2);
                script.push(Self::on_extension(route, effect).nth(nth));
            }
        }
        script
    }
}

fn effects(draw: &mut Draw) -> Vec<Effect> {
    let mut effects: Vec<Effect> = WAITS
        .iter()
        .map(|headers| Effect::Answer {
            status: draw.choice(&STATUSES).copied().unwrap_or(503),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: String::new(),
        })
        .collect();
    effects.extend([
        Effect::Delay {
            milliseconds: u64::try_from(draw.number(50..400)).unwrap_or(50),
        },
        Effect::Reset,
        Effect::Truncate {
            bytes: usize::try_from(draw.number(1..200)).unwrap_or(1),
        },
        Effect::ExpireToken,
        Effect::HostileLink {
            place: draw.choice(&PLACES).copied().unwrap_or(LinkPlace::NextLink),
            link: draw.choice(&Poison::ALL).copied().unwrap_or(Poison::ForeignHost),
        },
    ]);
    draw.shuffle(&mut effects);
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: [&str; 2] = ["/invoices", "/download"];

    #[test]
    fn a_seed_decides_the_script() {
        assert_eq!(Fault::script(1, ROUTES), Fault::script(1, ROUTES));
        assert_ne!(Fault::script(1, ROUTES), Fault::script(2, ROUTES));
    }

    #[test]
    fn each_route_suffers_everything_once_and_never_twice_in_a_row() {
        for seed in 0..20 {
            let script = Fault::script(seed, ROUTES);
            for route in ROUTES {
                let of_route: Vec<&Fault> = script
                    .iter()
                    .filter(|fault| fault.path_contains.as_deref() == Some(route))
                    .collect();
                assert_eq!(of_route.len(), WAITS.len() + 5);
                let count =
                    |is: fn(&Effect) -> bool| of_route.iter().filter(|fault| is(&fault.effect)).count();
                assert_eq!(
                    count(|effect| matches!(effect, Effect::Answer { .. })),
                    WAITS.len()
                );
                assert_eq!(count(|effect| *effect == Effect::ExpireToken), 1);
                assert_eq!(count(|effect| matches!(effect, Effect::HostileLink { .. })), 1);
                let hits: Vec<u32> = of_route.iter().filter_map(|fault| fault.nth).collect();
                assert!(hits.windows(2).all(|pair| pair[1] - pair[0] >= 2), "{hits:?}");
            }
        }
    }
}

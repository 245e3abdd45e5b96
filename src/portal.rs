//! Reading the host page: which portal page an address shows.
//! Must not know: the page's document; an address is all it gets.

mod page;
mod session_record;

pub use page::{Page, page_of, subscription_of};
pub use session_record::{SessionRecord, newest_arm_token};

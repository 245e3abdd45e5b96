//! Writes a ZIP archive as a stream: everything around the contents, which pass by without being held.
//! Must not know: where the archive is written, where the contents come from, or who compresses them.

use time::Date;

/// Begins what is said of a member before its content.
const HEADER: u32 = 0x0403_4B50;
/// Begins what the directory says of a member.
const ENTRY: u32 = 0x0201_4B50;
/// Begins the end of an archive whose numbers need ZIP64.
const ZIP64_END: u32 = 0x0606_4B50;
/// Begins the record that tells where [`ZIP64_END`] is.
const ZIP64_END_IS_AT: u32 = 0x0706_4B50;
/// Begins the end of every archive.
const END: u32 = 0x0605_4B50;
/// A field of 32 bits tells less than this; this value itself says that the ZIP64 field tells.
const FULL_32: u64 = u32::MAX as u64;
/// The same for a field of 16 bits.
const FULL_16: u64 = u16::MAX as u64;
/// Longest path in bytes; no system opens a longer one.
const LONGEST_PATH: usize = 4096;
/// Most bytes that an archive may have: no system keeps a longer file.
const LONGEST_ARCHIVE: u64 = i64::MAX as u64;
/// Version 2.0 of the format: folders and deflate.
const VERSION: u16 = 20;
/// Version 4.5: ZIP64.
const VERSION_ZIP64: u16 = 45;
/// The attributes in the directory are those of Unix.
const UNIX: u16 = 3 << 8;
/// A file that its owner may write and all may read. Without it some programs unpack files that nobody may open.
const REGULAR_FILE: u32 = 0o100_644 << 16;
/// The path is UTF-8.
const UTF8: u16 = 1 << 11;
/// The field for what 32 bits cannot tell.
const ZIP64_FIELD: u16 = 1;

/// How the content of a member lies in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As it is; right for PDFs, which do not shrink.
    Stored = 0,
    /// As a raw deflate stream.
    Deflated = 8,
}

/// A file to be put into an archive. Its lengths and its checksum are known before its content is written.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Where it unpacks to: relative, with `/` between the parts.
    pub path: &'a str,
    /// CRC-32 of the content before compression.
    pub crc32: u32,
    /// Length of the content before compression.
    pub bytes: u64,
    /// Length of the content as it lies in the archive.
    pub held: u64,
    /// How it lies there.
    pub method: Method,
    /// Its day; the time of day is midnight. The format knows the years 1980 to 2107; the nearest day stands for any
    /// other.
    pub modified: Date,
}

/// Why a member cannot be put into an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The path could lead out of the folder it unpacks to, or is no path on some system.
    #[error("the path is not a plain relative one")]
    UnsafePath,
    /// The path is longer than any system opens.
    #[error("the path is too long")]
    LongPath,
    /// Where the case of ASCII letters does not count, another member has the path, or one of the two is a folder of the other.
    #[error("the path is taken")]
    TakenPath,
    /// A stored content is as long as the content itself, and the archive must fit into a file.
    #[error("the lengths cannot be")]
    WrongLength,
}

/// An archive that is being written: the caller writes what [`Archive::member`] returns, then the content, so for each
/// member, and at last what [`Archive::finish`] returns.
///
/// It can be finished after any number of members, none included. The same members in the same order give the same
/// bytes.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    length: u64,
    members: u64,
    directory: Record,
    taken: Places,
}

impl Archive {
    /// An archive without members.
    pub fn new() -> Archive {
        Archive::default()
    }

    /// Length of all that is to be written so far, contents included.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Puts a member into the archive and returns the bytes that are to be written before its content.
    ///
    /// # Errors
    /// When its path or its lengths cannot be; the archive is as it was.
    pub fn member(&mut self, member: &Member<'_>) -> Result<Vec<u8>, ArchiveError> {
        if member.method == Method::Stored && member.bytes != member.held {
            return Err(ArchiveError::WrongLength);
        }
        let places = self.places(member.path)?;

        let mut long = member.long_lengths();
        let mut header = Record::default();
        header.u32(HEADER);
        header.description(member, &long);
        header.path(member.path, &long);
        let offset = self.length;
        let length = offset
            .checked_add(header.length())
            .and_then(|length| length.checked_add(member.held))
            .filter(|length| *length <= LONGEST_ARCHIVE)
            .ok_or(ArchiveError::WrongLength)?;

        if offset >= FULL_32 {
            long.push(offset);
        }
        let entry = &mut self.directory;
        entry.u32(ENTRY);
        entry.u16(UNIX | VERSION_ZIP64);
        entry.description(member, &long);
        entry.u16(0); // no comment
        entry.u16(0); // the one and only disk
        entry.u16(0); // content of any kind
        entry.u32(REGULAR_FILE);
        entry.u32(short(offset));
        entry.path(member.path, &long);

        self.length = length;
        self.members += 1;
        for place in places {
            self.taken.add(place);
        }
        Ok(header.0)
    }

    /// The bytes that are to be written after everything else: the directory and its end.
    pub fn finish(self) -> Vec<u8> {
        let (start, length) = (self.length, self.directory.length());
        let mut end = self.directory;
        if self.members >= FULL_16 || start >= FULL_32 || length >= FULL_32 {
            end.u32(ZIP64_END);
            end.u64(44); // bytes that follow in this record
            end.u16(UNIX | VERSION_ZIP64);
            end.u16(VERSION_ZIP64);
            end.u32(0); // the one and only disk
            end.u32(0);
            end.u64(self.members);
            end.u64(self.members);
            end.u64(length);
            end.u64(start);
            end.u32(ZIP64_END_IS_AT);
            end.u32(0);
            end.u64(start + length); // where the record before begins
            end.u32(1); // disks
        }
        let members = self.members.min(FULL_16) as u16;
        end.u32(END);
        end.u16(0);
        end.u16(0);
        end.u16(members);
        end.u16(members);
        end.u32(short(length));
        end.u32(short(start));
        end.u16(0); // no comment
        end.0
    }

    /// What a path takes, itself and its folders; an error when it may not.
    fn places(&self, path: &str) -> Result<Vec<String>, ArchiveError> {
        if path.len() > LONGEST_PATH {
            return Err(ArchiveError::LongPath);
        }
        if !path.split('/').all(is_safe) {
            return Err(ArchiveError::UnsafePath);
        }
        let mut places = Vec::new();
        let mut place = String::new();
        for part in path.split('/') {
            if !place.is_empty() {
                if self.taken.has(&place) {
                    return Err(ArchiveError::TakenPath);
                }
                place.push('/');
                places.push(place.clone());
            }
            // As in the plan of file names: what tells two documents apart is ASCII.
            place.push_str(&part.to_ascii_lowercase());
        }
        let as_folder = format!("{place}/");
        if self.taken.has(&place) || self.taken.has(&as_folder) {
            return Err(ArchiveError::TakenPath);
        }
        places.push(place);
        Ok(places)
    }
}

impl Member<'_> {
    /// Its lengths when one of them needs the ZIP64 field: then both go there, else none.
    fn long_lengths(&self) -> Vec<u64> {
        let mut lengths = Vec::new();
        if self.bytes.max(self.held) >= FULL_32 {
            lengths.extend([self.bytes, self.held]);
        }
        lengths
    }
}

/// Folded paths of the members and, with a `/` at their ends, of the folders they lie in. A list in order does what a
/// tree would, and all that is downloaded is smaller for it.
#[derive(Clone, Debug, Default)]
struct Places(Vec<String>);

impl Places {
    fn find(&self, place: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|other| other.as_str().cmp(place))
    }

    fn has(&self, place: &str) -> bool {
        self.find(place).is_ok()
    }

    fn add(&mut self, place: String) {
        if let Err(at) = self.find(&place) {
            self.0.insert(at, place);
        }
    }
}

/// Bytes of a record, its numbers written lowest byte first.
#[derive(Clone, Debug, Default)]
struct Record(Vec<u8>);

impl Record {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn u16(&mut self, number: u16) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// What is said of a member before its content and in the directory alike; `long` is what its ZIP64 field holds.
    fn description(&mut self, member: &Member<'_>, long: &[u64]) {
        let length = |length| match member.long_lengths().is_empty() {
            true => short(length),
            false => u32::MAX,
        };
        self.u16(if long.is_empty() { VERSION } else { VERSION_ZIP64 });
        self.u16(UTF8);
        self.u16(member.method as u16);
        self.u16(0); // midnight
        self.u16(day(member.modified));
        self.u32(member.crc32);
        self.u32(length(member.held));
        self.u32(length(member.bytes));
        self.u16(member.path.len() as u16);
        self.u16(match long.len() as u16 {
            0 => 0,
            numbers => 4 + 8 * numbers,
        });
    }

    /// The path and the ZIP64 field.
    fn path(&mut self, path: &str, long: &[u64]) {
        self.0.extend_from_slice(path.as_bytes());
        if !long.is_empty() {
            self.u16(ZIP64_FIELD);
            self.u16(8 * long.len() as u16);
            for number in long {
                self.u64(*number);
            }
        }
    }
}

/// A number in 32 bits; one that does not fit refers to the ZIP64 field.
fn short(number: u64) -> u32 {
    number.min(FULL_32) as u32
}

/// A day as the format writes it: years since 1980, month, day.
fn day(date: Date) -> u16 {
    let (year, month, day) = date.to_calendar_date();
    let (year, month, day) = match year {
        ..1980 => (0, 1, 1),
        1980..2108 => (year as u16 - 1980, month as u16, u16::from(day)),
        _ => (127, 12, 31),
    };
    year << 9 | month << 5 | day
}

/// A part of a path that stays in its folder on every system. Windows ignores dots and spaces at the end of a name, so
/// that `.. ` is `..` there.
fn is_safe(part: &str) -> bool {
    let is_forbidden = |character: char| {
        character.is_control() || matches!(character, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*')
    };
    !part.is_empty() && !part.ends_with(['.', ' ']) && !part.contains(is_forbidden)
}

//! Reads of a signed event what a stranger to its space can check: the header of `src/runtime/codec/event-codec.ts` and the signature's place.

/// Most bytes of one signed event, as in `model/event.ts`.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;
const EVENT_VERSION: u64 = 1;
const MAX_DEPTH: u32 = 64;
const KNOWN_KEYS: [&[u8]; 15] = [
    b"v", b"op", b"seq", b"sig", b"body", b"path", b"time", b"epoch", b"needs", b"space", b"author", b"expect", b"parents", b"previous",
    b"supersedes",
];

/// What the signature of an event covers, whose it is, and which space it is of.
#[derive(Debug, PartialEq, Eq)]
pub struct EventHeader {
    pub space: [u8; 32],
    pub author: [u8; 32],
    pub signature: [u8; 64],
    /// The canonical map without its `sig`.
    pub unsigned: Vec<u8>,
}

/// Reads one event. What it says inside its body is the members' to judge; its form and its signer are everyone's.
pub fn read_event(bytes: &[u8]) -> Result<EventHeader, String> {
    if bytes.len() > MAX_EVENT_BYTES {
        return Err(format!("an event has {} bytes; at most {MAX_EVENT_BYTES} are allowed", bytes.len()));
    }
    let mut reader = Reader { bytes, at: 0 };
    let (major, count) = reader.head()?;
    if major != 5 || count == 0 || count > 23 {
        return Err("an event is not a map of 1 to 23 entries".into());
    }
    let mut fields = Fields::default();
    let mut last: &[u8] = &[];
    for _ in 0..count {
        let start = reader.at;
        let key = reader.text()?;
        if !last.is_empty() && (last.len(), last) >= (key.len(), key) {
            return Err("an event's keys are not in canonical order".into());
        }
        if !KNOWN_KEYS.contains(&key) {
            return Err("an event has a key that this version does not know".into());
        }
        last = key;
        fields.read(key, &mut reader)?;
        if key == b"sig" {
            fields.span = Some((start, reader.at));
        }
    }
    if reader.at != bytes.len() {
        return Err("bytes follow an event's end".into());
    }
    fields.finish(bytes)
}

#[derive(Default)]
struct Fields {
    version: Option<u64>,
    sequence: bool,
    space: Option<[u8; 32]>,
    author: Option<[u8; 32]>,
    signature: Option<[u8; 64]>,
    span: Option<(usize, usize)>,
}

impl Fields {
    fn read(&mut self, key: &[u8], reader: &mut Reader<'_>) -> Result<(), String> {
        match key {
            b"v" => self.version = Some(reader.unsigned()?),
            b"seq" => {
                reader.unsigned()?;
                self.sequence = true;
            }
            b"space" => self.space = Some(reader.fixed("space")?),
            b"author" => self.author = Some(reader.fixed("author")?),
            b"sig" => self.signature = Some(reader.fixed("sig")?),
            _ => reader.skip(0)?,
        }
        Ok(())
    }

    fn finish(self, bytes: &[u8]) -> Result<EventHeader, String> {
        match self.version {
            Some(EVENT_VERSION) => (),
            _ => return Err(format!("an event is not of version {EVENT_VERSION}")),
        }
        if !self.sequence {
            return Err("an event has no 'seq'".into());
        }
        let (Some(space), Some(author), Some(signature), Some((start, end))) = (self.space, self.author, self.signature, self.span) else {
            return Err("an event lacks its space, author or signature".into());
        };
        let mut unsigned = Vec::with_capacity(bytes.len());
        // A map of fewer than 24 entries has its count in the low bits of its first byte.
        unsigned.push(bytes[0] - 1);
        unsigned.extend_from_slice(&bytes[1..start]);
        unsigned.extend_from_slice(&bytes[end..]);
        Ok(EventHeader { space, author, signature, unsigned })
    }
}

/// Deterministic CBOR (RFC 8949, 4.2.1): shortest heads, definite lengths; floats as dag-cbor has them, eight bytes.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len()).ok_or("an event was cut short")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn head(&mut self) -> Result<(u8, u64), String> {
        let first = self.take(1)?[0];
        let (major, low) = (first >> 5, first & 31);
        if major == 7 {
            return Ok((major, u64::from(low)));
        }
        if low < 24 {
            return Ok((major, u64::from(low)));
        }
        if low > 27 {
            return Err("an event has a length that dag-cbor does not know".into());
        }
        let width = 1usize << (low - 24);
        let value = self.take(width)?.iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let shortest = match width {
            1 => value >= 24,
            2 => value > 0xff,
            4 => value > 0xffff,
            _ => value > 0xffff_ffff,
        };
        if shortest {
            Ok((major, value))
        } else {
            Err("an event has a number that is not in its shortest form".into())
        }
    }

    fn unsigned(&mut self) -> Result<u64, String> {
        match self.head()? {
            (0, value) => Ok(value),
            _ => Err("an event has something else where a number belongs".into()),
        }
    }

    fn text(&mut self) -> Result<&'a [u8], String> {
        match self.head()? {
            (3, length) => self.take(as_length(length)?),
            _ => Err("an event has a key that is no text".into()),
        }
    }

    fn fixed<const N: usize>(&mut self, name: &str) -> Result<[u8; N], String> {
        match self.head()? {
            (2, length) if length == N as u64 => {
                let mut out = [0; N];
                out.copy_from_slice(self.take(N)?);
                Ok(out)
            }
            _ => Err(format!("an event's '{name}' is not {N} bytes")),
        }
    }

    fn skip(&mut self, depth: u32) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("an event is nested too deeply".into());
        }
        let (major, value) = self.head()?;
        match major {
            0 | 1 => Ok(()),
            2 | 3 => self.take(as_length(value)?).map(|_| ()),
            4 | 5 => {
                // Each item has at least one byte, so a count above what is left is a lie and never a long loop.
                let items = as_length(value)?.checked_mul(if major == 5 { 2 } else { 1 }).ok_or("an event was cut short")?;
                if items > self.bytes.len() - self.at {
                    return Err("an event was cut short".into());
                }
                (0..items).try_for_each(|_| self.skip(depth + 1))
            }
            6 => self.skip(depth + 1),
            _ => match value {
                20..=22 => Ok(()),
                27 => self.take(8).map(|_| ()),
                _ => Err("an event has a value that dag-cbor does not know".into()),
            },
        }
    }
}

fn as_length(value: u64) -> Result<usize, String> {
    usize::try_from(value).ok().filter(|length| *length <= MAX_EVENT_BYTES).ok_or_else(|| "an event was cut short".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Vec<u8> {
        let mut bytes = vec![0xa5, 0x61, b'v', 1, 0x63, b's', b'e', b'q', 0x18, 200, 0x63, b's', b'i', b'g', 0x58, 64];
        bytes.extend([7; 64]);
        bytes.extend([0x65, b's', b'p', b'a', b'c', b'e', 0x58, 32]);
        bytes.extend([1; 32]);
        bytes.extend([0x66, b'a', b'u', b't', b'h', b'o', b'r', 0x58, 32]);
        bytes.extend([2; 32]);
        bytes
    }

    #[test]
    fn a_signature_covers_the_map_without_it() {
        let bytes = event();
        let header = read_event(&bytes).unwrap();
        assert_eq!((header.space, header.author, header.signature), ([1; 32], [2; 32], [7; 64]));
        assert_eq!(header.unsigned[..10], [0xa4, 0x61, b'v', 1, 0x63, b's', b'e', b'q', 0x18, 200]);
        assert_eq!(header.unsigned[10..], bytes[80..]);
    }

    #[test]
    fn no_prefix_and_no_addition_is_an_event() {
        let bytes = event();
        for end in 0..bytes.len() {
            assert!(read_event(&bytes[..end]).is_err(), "{end} bytes were taken for an event");
        }
        let longer = [bytes, vec![0]].concat();
        assert_eq!(read_event(&longer).unwrap_err(), "bytes follow an event's end");
    }

    #[test]
    fn changed_bytes_never_panic() {
        let bytes = event();
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = read_event(&changed);
            }
        }
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        let refused = |change: &dyn Fn(&mut Vec<u8>), reason: &str| {
            let mut bytes = event();
            change(&mut bytes);
            assert!(read_event(&bytes).unwrap_err().contains(reason), "{:?}", read_event(&bytes));
        };
        refused(&|bytes| bytes[3] = 2, "version");
        refused(&|bytes| bytes[9] = 3, "shortest");
        refused(&|bytes| bytes[2] = b'w', "does not know");
        refused(&|bytes| bytes[0] = 0xbf, "length that dag-cbor");
        refused(&|bytes| bytes[0] = 0xa4, "bytes follow");
        refused(&|bytes| bytes.resize(MAX_EVENT_BYTES + 1, 0), "at most");
    }

    #[test]
    fn deep_and_long_lies_end_at_once() {
        let mut deep = vec![0xa1, 0x64, b'b', b'o', b'd', b'y'];
        deep.extend([0x81; 1000]);
        assert_eq!(read_event(&deep).unwrap_err(), "an event is nested too deeply");
        let long = [0xa1, 0x64, b'b', b'o', b'd', b'y', 0x9a, 0x7f, 0xff, 0xff, 0xff];
        assert_eq!(read_event(&long).unwrap_err(), "an event was cut short");
    }
}

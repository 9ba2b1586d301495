//! A simulated web: pages of very different sizes that link to each other.

const SMALLEST: f64 = 300.0;
const LARGEST: f64 = 4_000_000.0;
/// The most bytes that arrive at once.
const PACKET: usize = 1 << 16;

#[derive(Clone, Copy, Debug)]
pub struct Web {
    pub pages: u32,
}

impl Web {
    /// How long a page is, as its server announces. There are as many pages of 1 to 2 KB as of 1 to 2 MB.
    pub fn content_length(&self, url: u32) -> usize {
        let place = f64::from(url.wrapping_mul(0x9e37_79b9)) / f64::from(u32::MAX);
        (SMALLEST * (LARGEST / SMALLEST).powf(place)) as usize
    }

    pub fn smallest(&self) -> usize {
        (0..self.pages).map(|url| self.content_length(url)).min().unwrap_or(0)
    }

    pub fn largest(&self) -> usize {
        (0..self.pages).map(|url| self.content_length(url)).max().unwrap_or(0)
    }

    /// The packets in which a page arrives. The first has the links: to three pages behind it, and to one before it.
    pub fn body(&self, url: u32) -> impl Iterator<Item = Vec<u8>> + use<> {
        let to = (3 * url + 1..=3 * url + 3).filter(|url| *url < self.pages).chain([url / 2]);
        let head: String = to.map(|url| format!("href=/{url}\n")).collect();
        let rest = self.content_length(url) - head.len();
        let packets = (0..rest).step_by(PACKET).map(move |at| vec![b'.'; PACKET.min(rest - at)]);
        std::iter::once(head.into_bytes()).chain(packets)
    }
}

/// The links of a page.
pub fn links(page: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let lines = page.split(|byte| *byte == b'\n').map_while(|line| line.strip_prefix(b"href=/"));
    lines.map(|url| std::str::from_utf8(url).unwrap().parse().expect("a link is a number"))
}

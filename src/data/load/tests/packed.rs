//! Compressed text tables.

use std::io::Write;

use super::*;
use crate::diagnostic::Code;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(content).expect("in memory");
    packed.finish().expect("in memory")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(content, 1).expect("in memory")
}

fn rows(count: usize) -> String {
    let mut content = "a,b\n".to_owned();
    for row in 0..count {
        content.push_str(&format!("{row},{}\n", if row == 70_000 { "x" } else { "1" }));
    }
    content
}

#[test]
fn packed_tables_are_read_as_plain_ones() {
    let content = rows(120_000);
    let plain = table(read(&content, csv()).unwrap());
    let (first, second) = content.as_bytes().split_at(content.len() / 3);
    for (name, bytes) in [
        ("data.csv.gz", gzip(content.as_bytes())),
        ("data.CSV.GZ", [gzip(first), gzip(b""), gzip(second)].concat()),
        ("data.csv.zst", zstd(content.as_bytes())),
        ("data.zst", [zstd(first), zstd(second)].concat()),
    ] {
        let file = sample(name, bytes);
        // A value far behind the beginning makes the second column text, so that it is read twice.
        let frame = load(&request(&file.path, csv())).unwrap();
        assert_eq!(kinds(&frame), [ColumnKind::Integer, ColumnKind::Text]);
        assert_eq!(format!("{:?}", table(frame)), format!("{plain:?}"), "{name}");
        assert_eq!(header(&file.path, csv(), &[]).unwrap().rows, None);
    }
}

#[test]
fn damage_is_named() {
    let content = rows(2_000);
    for (extension, packed) in [("gz", gzip(content.as_bytes())), ("zst", zstd(content.as_bytes()))]
    {
        let fails = |bytes: &[u8]| {
            let file = sample(&format!("data.csv.{extension}"), bytes);
            load(&request(&file.path, csv())).unwrap_err()
        };
        for cut in [packed.len() - 1, packed.len() / 2, 5] {
            assert!(fails(&packed[..cut]).message.ends_with("its end is cut off"), "{cut}");
        }
        for garbage in [&b"x"[..], b"more text that follows it", &[0; 64]] {
            let message = fails(&[&packed, garbage].concat()).message;
            assert!(message.ends_with("something else follows its end"), "{message}");
        }
        assert!(fails(content.as_bytes()).message.contains("though its name ends in"));
        assert_eq!(fails(b"").code(), Code::DataEmpty);
        assert_eq!(fails(&packed[..1]).code(), Code::DataUnreadable);
    }
}

#[test]
fn the_header_does_not_unpack_the_whole_file() {
    // Zeros behind the first rows, which nobody asks for.
    let mut packed = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    packed.write_all(rows(300_000).as_bytes()).unwrap();
    for _ in 0..64 {
        packed.write_all(&[0; 1 << 20]).unwrap();
    }
    let file = sample("data.csv.zst", packed.finish().unwrap());
    assert_eq!(header(&file.path, csv(), &[]).unwrap().infos.len(), 2);
    let bomb = sample("data.csv.gz", gzip(&vec![b' '; 80 << 20]));
    let error = header(&bomb.path, csv(), &[]).unwrap_err();
    assert!(error.message.starts_with("line 1 does not end"), "{}", error.message);
}

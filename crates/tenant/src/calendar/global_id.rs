//! Global ids of meetings: `iCalUId`, and the binary ids that Outlook keeps beside it ([MS-OXOCAL] 2.2.1.27).

use crate::mailbox::extended::{ExtendedProperty, ExtendedValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

/// What begins every global object id.
const CLASS: &str = "040000008200E00074C5B7101A82E008";

/// `PidLidGlobalObjectId`: names an occurrence too.
const GLOBAL: &str = "Binary {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x3";

/// `PidLidCleanGlobalObjectId`: names the series, whichever occurrence an item stands for.
const CLEAN: &str = "Binary {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x23";

/// The global id of an event, or of one occurrence: the date stands in a place of its own.
pub fn uid_on(uid: &str, date: Option<Date>) -> String {
    let Some(date) = date else { return uid.to_owned() };
    let day = format!("{:04X}{:02X}{:02X}", date.year(), date.month(), date.day());
    if uid.is_ascii() && uid.len() > 40 && uid.starts_with(CLASS) {
        return format!("{}{day}{}", &uid[..32], &uid[40..]);
    }
    format!("{uid}_{day}")
}

/// The extended properties in which Outlook keeps the ids of an event; `series` without the date of an occurrence.
pub fn properties(series: &str, date: Option<Date>) -> [ExtendedProperty; 2] {
    let property = |id: &str, date| ExtendedProperty {
        id: id.into(),
        value: ExtendedValue::One(STANDARD.encode(global_object_id(series, date)).into()),
    };
    [property(GLOBAL, date), property(CLEAN, None)]
}

fn global_object_id(uid: &str, date: Option<Date>) -> Vec<u8> {
    let known = if uid.starts_with(CLASS) { bytes(uid) } else { None };
    let mut id = known.unwrap_or_else(|| foreign(uid));
    if let Some(date) = date {
        let [high, low] = date.year().to_be_bytes();
        let day = [high, low, date.month().cast_unsigned(), date.day().cast_unsigned()];
        for (place, byte) in id.iter_mut().skip(16).zip(day) {
            *place = byte;
        }
    }
    id
}

/// The id under which Outlook keeps a meeting that another program named ([MS-OXCICAL] 2.1.3.1.1.20.26).
fn foreign(uid: &str) -> Vec<u8> {
    let mut id = bytes(CLASS).unwrap_or_default();
    id.extend([0; 20]);
    let length = u32::try_from(uid.len() + 13).unwrap_or(u32::MAX);
    id.extend(length.to_le_bytes());
    id.extend(b"vCal-Uid\x01\0\0\0");
    id.extend(uid.as_bytes());
    id.push(0);
    id
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    Some(digits?.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_date_of_an_occurrence_stands_after_the_class() {
        let uid = format!("{CLASS}00000000{}", "AB".repeat(36));
        let on = uid_on(&uid, Some(date(2026, 10, 5)));
        assert_eq!(&on[32..40], "07EA0A05");
        assert_eq!(on.len(), uid.len());
        let [global, clean] = properties(&uid, Some(date(2026, 10, 5)));
        assert_eq!(STANDARD.decode(global.single().unwrap()).unwrap(), bytes(&on).unwrap());
        assert_eq!(STANDARD.decode(clean.single().unwrap()).unwrap(), bytes(&uid).unwrap());
    }

    #[test]
    fn foreign_names_are_wrapped() {
        let [global, clean] = properties("a@b", None);
        assert_eq!(global.value, clean.value);
        let plain = STANDARD.decode(clean.single().unwrap()).unwrap();
        assert!(plain.ends_with(b"vCal-Uid\x01\0\0\0a@b\0"));
        assert_eq!(plain[36..40], 16_u32.to_le_bytes());
    }
}

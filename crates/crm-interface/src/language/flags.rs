//! Cursor flags: how a table of a query is read.

/// The flags of a `<table>` (administrator guide of CRM.interface, *Cursor Flags*). Flags without a name here are handed
/// on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CursorFlags(pub u32);

impl CursorFlags {
    /// The rights of the speaker do not count for records of this table.
    pub const NO_RIGHTS: Self = Self(0x20);
    /// One record with the sums of the fields stands for all records of this table under a record above.
    pub const SUMMED: Self = Self(0x80);
    /// A record above is answered only with at least one record of this table.
    pub const WITH: Self = Self(0x100);
    /// As [`CursorFlags::WITH`], and the records of this table are not answered.
    pub const EXISTS: Self = Self(0x200);
    /// A record above is answered only without any record of this table.
    pub const NOT_EXISTS: Self = Self(0x400);
    /// A record above is answered with or without records of this table, as without any flag.
    pub const OPTIONAL: Self = Self(0x800);
    /// Deleted records are read too. The guide names 64 for older versions, where it is no longer supported: not read.
    pub const DELETED: Self = Self(0x4000);

    /// Whether all flags of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::str::FromStr for CursorFlags {
    type Err = std::num::ParseIntError;

    /// Decimal, or hexadecimal after `0x`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => u32::from_str_radix(digits, 16).map(Self),
            None => text.parse().map(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_decimal_or_hexadecimal() {
        assert_eq!("256".parse(), Ok(CursorFlags::WITH));
        assert_eq!("0x00004100".parse(), Ok(CursorFlags::DELETED.and(CursorFlags::WITH)));
        assert!(CursorFlags(0x300).has(CursorFlags::EXISTS));
        assert!(!CursorFlags(0x100).has(CursorFlags::EXISTS));
        assert!("with".parse::<CursorFlags>().is_err());
    }
}

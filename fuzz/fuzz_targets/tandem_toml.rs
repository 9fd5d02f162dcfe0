#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tandem_hostile::enter("tandem_toml", bytes));

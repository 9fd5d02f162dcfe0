//! CRM.interface: what its server and its client read.

use tandem_crm_interface::session::{Secret, Token, TokenKey, language as language_of, read_impersonation};
use tandem_crm_interface::sync::wire::{Envelope, read_request, read_response};
use tandem_crm_interface::{detect, language, xml};

/// The XML language.
pub(crate) fn language(bytes: &[u8]) {
    let _ = detect(bytes);
    let _ = xml::parse(bytes);
    let _ = language::read_request(bytes);
    let _ = language::read_response(bytes);
}

/// Groupware messages.
pub(crate) fn syncml(bytes: &[u8]) {
    let _ = read_request(bytes);
    let _ = read_response(bytes, &Envelope::default());
}

/// What headers and fields of a session hold.
pub(crate) fn session(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = read_impersonation(&text);
    let _ = language_of(&text);
    let _ = TokenKey::from_hexadecimal(&text);
    let _ = Token::read(&Secret::new(text.clone().into_owned()));
    let _ = language::Test::parse(&text);
}

//! Reps and addresses.

use super::Site;
use super::asking::{ensure, two_reps};
use std::collections::BTreeSet;
use tandem_model::EmailAddress;

pub(super) async fn are_listed(site: &dyn Site) -> Result<(), String> {
    two_reps(site).await?;
    let ask = || async { site.port().reps().await.map_err(|error| error.to_string()) };
    let (first, second) = (ask().await?, ask().await?);
    ensure(first == second, || format!("asked twice: {first:?}, then {second:?}"))?;
    let logins: BTreeSet<&str> = first.iter().map(|rep| rep.login.as_str()).collect();
    ensure(logins.len() == first.len(), || format!("a login comes twice: {first:?}"))
}

pub(super) async fn are_known(site: &dyn Site) -> Result<(), String> {
    let [rep, colleague] = two_reps(site).await?;
    let shouted = EmailAddress::new(&site.person().as_str().to_uppercase());
    let nobody = EmailAddress::new("nobody.at.all@elsewhere.example");
    for (address, expected) in
        [(&site.person(), true), (&shouted, true), (&colleague.email, true), (&nobody, false)]
    {
        let known = site.port().knows(&rep.login, address).await.map_err(|error| error.to_string())?;
        ensure(known == expected, || format!("{address}: {known}"))?;
    }
    Ok(())
}

//! Which columns of a vendor's file tell the rows of one product.

use super::glossary::{Term, vendor};
use super::name::Name;

/// Columns of a file, by their indices.
#[derive(Debug)]
pub(crate) struct ProductColumns {
    /// What the rows of one product have in common: the first that is not blank.
    pub(crate) product: Vec<usize>,
    /// What only the first row of a product says.
    pub(crate) shared: Vec<usize>,
    /// What rows have that have but an image.
    pub(crate) image: Vec<usize>,
}

impl ProductColumns {
    /// Those of a vendor's file; None of any other file.
    pub(crate) fn of(header: &[String]) -> Option<Self> {
        let names = Name::all(header);
        let vendor = vendor(&names)?;
        let find = |term: &Term| names.iter().position(|name| term.fits(&name.key));
        let all = |terms: &[Term]| -> Vec<usize> { terms.iter().filter_map(find).collect() };
        let columns = ProductColumns {
            product: all(&vendor.product),
            shared: all(&vendor.shared),
            image: all(&vendor.image),
        };
        (!columns.product.is_empty()).then_some(columns)
    }
}

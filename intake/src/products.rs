//! Products of which a file has several rows, as shop systems export them: what all variants share stands in the first row only,
//! and there are rows of images.

use crate::cell::{Cell, Form};
use crate::mapping::ProductColumns;
use crate::notes::Notes;
use crate::remark::Remark;
use crate::row::Layout;

/// The products of a file so far.
pub(crate) struct Products {
    columns: ProductColumns,
    /// The latest, and what its first row says in the columns that are shared.
    latest: String,
    shared: Vec<(String, Form)>,
}

impl Products {
    /// None if the file is not one of a vendor that is known to write such rows.
    pub(crate) fn of(header: &[String]) -> Option<Self> {
        ProductColumns::of(header).map(|columns| Products {
            columns,
            latest: String::new(),
            shared: Vec::new(),
        })
    }

    /// Whether a row has nothing but an image.
    pub(crate) fn is_image<'c>(&self, cells: impl Iterator<Item = Cell<'c>>) -> bool {
        let ProductColumns { product, image, .. } = &self.columns;
        let mut has_image = false;
        for (index, _) in cells.enumerate().filter(|(_, cell)| !is_blank(cell)) {
            has_image |= image.contains(&index);
            if !image.contains(&index) && !product.contains(&index) {
                return false;
            }
        }
        has_image
    }

    /// The cells of a row, with what the first row of the product says where they are blank.
    pub(crate) fn fill<'s, 'c: 's>(
        &'s mut self,
        cells: impl Iterator<Item = Cell<'c>>,
        layout: &Layout<'_>,
        line: u64,
        notes: &mut Notes,
    ) -> Vec<Cell<'s>> {
        let mut cells: Vec<Cell<'s>> = cells.collect();
        cells.resize(layout.width(), Cell::default());
        let ProductColumns { product, shared, .. } = &self.columns;
        let product = product.iter().map(|index| cells[*index].text.trim()).find(|text| !text.is_empty());
        let product = product.unwrap_or_default();
        if product.is_empty() || product != self.latest {
            self.latest = product.to_owned();
            self.shared =
                shared.iter().map(|index| (cells[*index].text.to_owned(), cells[*index].form)).collect();
            return cells;
        }
        for (index, (text, form)) in shared.iter().zip(&self.shared) {
            if is_blank(&cells[*index]) && !text.trim().is_empty() {
                cells[*index] = Cell { text, form: *form };
                notes.add(
                    layout.column_name(*index).unwrap_or_default(),
                    Remark::FilledDown,
                    line,
                    Some(text),
                );
            }
        }
        cells
    }
}

fn is_blank(cell: &Cell<'_>) -> bool {
    cell.text.trim().is_empty()
}

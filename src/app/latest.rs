//! What was worked out last: asked for again, it is there.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// What was worked out last, and for what. A picture is drawn again at every key; what it needs is worked out when something else
/// is asked for.
#[derive(Debug, Clone)]
pub(super) struct Latest<K, V>(RefCell<Option<(K, V)>>);

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<K: PartialEq, V: Clone> Latest<K, V> {
    /// What is known for this; worked out, where the last time was for something else.
    pub(super) fn of(&self, asked: K, work_out: impl FnOnce() -> V) -> V {
        if let Some((known, value)) = &*self.0.borrow()
            && *known == asked
        {
            return value.clone();
        }
        let value = work_out();
        *self.0.borrow_mut() = Some((asked, value.clone()));
        value
    }
}

/// The same for each of several things.
#[derive(Debug, Clone)]
pub(super) struct LatestOf<N, K, V>(RefCell<BTreeMap<N, Latest<K, V>>>);

impl<N, K, V> Default for LatestOf<N, K, V> {
    fn default() -> Self {
        Self(RefCell::new(BTreeMap::new()))
    }
}

impl<N: Ord, K: PartialEq, V: Clone> LatestOf<N, K, V> {
    /// What is known of this one for that; worked out, where its last time was for something else.
    pub(super) fn of(&self, one: N, asked: K, work_out: impl FnOnce() -> V) -> V {
        self.0.borrow_mut().entry(one).or_default().of(asked, work_out)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Latest, LatestOf};

    #[test]
    fn each_of_several_has_a_latest_of_its_own() {
        let (latest, worked) = (LatestOf::default(), Cell::new(0));
        let of = |one: char, n: i32| {
            latest.of(one, n, || {
                worked.set(worked.get() + 1);
                (one, n)
            })
        };
        let asked = [of('a', 1), of('b', 1), of('a', 1), of('b', 2), of('a', 1)];
        assert_eq!(asked, [('a', 1), ('b', 1), ('a', 1), ('b', 2), ('a', 1)]);
        assert_eq!(worked.get(), 3);
    }

    #[test]
    fn it_is_worked_out_once_for_each_change_of_what_is_asked() {
        let (latest, worked) = (Latest::default(), Cell::new(0));
        let twice = |n: i32| {
            latest.of(n, || {
                worked.set(worked.get() + 1);
                2 * n
            })
        };
        assert_eq!([twice(1), twice(1), twice(2), twice(2), twice(1)], [2, 2, 4, 4, 2]);
        assert_eq!(worked.get(), 3);
    }
}

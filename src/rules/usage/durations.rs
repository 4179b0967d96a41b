//! Lengths of time as libraries hold them.

use crate::evaluate::value::{Data, Value};

/// The seconds a value stands for: an instance with a slot named after a unit, or a plain number of milliseconds.
/// None when it is not known.
pub(super) fn seconds(value: &Value<'_>) -> Option<f64> {
    let number = |value: &Value<'_>| value.known_text()?.replace('_', "").parse::<f64>().ok();
    match &*value.data {
        Data::Instance { state, .. } => {
            let units = [("milliseconds", 0.001), ("seconds", 1.0), ("minutes", 60.0), ("hours", 3600.0)];
            let mut parts = units.iter().filter_map(|(unit, worth)| Some((state.get(*unit)?, worth)));
            let (first, worth) = parts.next()?;
            Some(number(first)? * worth)
        }
        Data::Number(_) => Some(number(value)? / 1000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn units_are_read_and_unknown_lengths_are_none() {
        let number = |text: &str| Value::new(Data::Number(text.into()));
        let of = |unit: &str, text: &str| {
            let state = BTreeMap::from([(unit.into(), number(text))]);
            Value::new(Data::Instance { ty: "Duration".into(), state })
        };
        assert_eq!(seconds(&of("seconds", "90")), Some(90.0));
        assert_eq!(seconds(&of("minutes", "1_0")), Some(600.0));
        assert_eq!(seconds(&number("30000")), Some(30.0));
        assert_eq!(seconds(&of("weeks", "1")), None);
        assert_eq!(seconds(&Value::unknown()), None);
    }
}

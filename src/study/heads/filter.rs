//! `previous>0.5 & entropy<1`: which heads are shown.

use super::METRICS;
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// Comparisons that must all hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// As it was typed.
    pub written: String,
    terms: Vec<Term>,
}

/// One metric against one number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Term {
    metric: usize,
    sign: Sign,
    number: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The signs as they are typed, the longer first.
const SIGNS: [(&str, Sign); 4] = [("<=", Sign::AtMost), (">=", Sign::AtLeast), ("<", Sign::Less), (">", Sign::More)];

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum FilterError {
    /// No such metric.
    Metric(String),
    /// No sign of comparison.
    Sign(String),
    /// What stands after the sign is no number.
    Number(String),
}

impl Failure for FilterError {
    fn words(&self) -> Text {
        let keys = METRICS.iter().map(|metric| metric.key).collect::<Vec<_>>().join(" ");
        let (Self::Metric(found) | Self::Sign(found) | Self::Number(found)) = self;
        let found = visible(found);
        match self {
            Self::Metric(_) => Text::owned(
                format!("没有「{found}」这个指标；有：{keys}"),
                format!("there is no metric `{found}`; there are {keys}"),
            ),
            Self::Sign(_) => Text::owned(
                format!("「{found}」里没有比较：要写成 previous>0.5 & entropy<1 这样"),
                format!("`{found}` compares nothing: write it like previous>0.5 & entropy<1"),
            ),
            Self::Number(_) => Text::owned(format!("「{found}」不是数"), format!("`{found}` is not a number")),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Filter {
    /// Reads a filter; none from an empty line.
    ///
    /// # Errors
    /// [`FilterError`] says which part.
    pub fn parse(written: &str) -> Result<Option<Self>, FilterError> {
        let parts = written.split('&').map(str::trim).filter(|part| !part.is_empty());
        let terms = parts.map(term).collect::<Result<Vec<_>, _>>()?;
        Ok((!terms.is_empty()).then(|| Self { written: written.trim().to_owned(), terms }))
    }

    /// Whether a head with these metrics is shown; one that lacks a metric is not.
    pub fn accepts(&self, metrics: &[Option<f64>]) -> bool {
        self.terms.iter().all(|term| {
            metrics.get(term.metric).copied().flatten().is_some_and(|x| match term.sign {
                Sign::Less => x < term.number,
                Sign::AtMost => x <= term.number,
                Sign::More => x > term.number,
                Sign::AtLeast => x >= term.number,
            })
        })
    }
}

fn term(part: &str) -> Result<Term, FilterError> {
    let found = SIGNS.iter().find_map(|(written, sign)| part.split_once(written).map(|(a, b)| (a, *sign, b)));
    let (metric, sign, number) = found.ok_or_else(|| FilterError::Sign(part.to_owned()))?;
    let (metric, number) = (metric.trim(), number.trim());
    let index = super::metrics::metric(metric).ok_or_else(|| FilterError::Metric(metric.to_owned()))?;
    let value = number.parse().ok().filter(|x: &f64| x.is_finite());
    Ok(Term { metric: index, sign, number: value.ok_or_else(|| FilterError::Number(number.to_owned()))? })
}

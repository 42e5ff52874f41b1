//! A checkpoint as a file, `qkv-checkpoint/1`: JSON, whose numbers read back as the same f32.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Checkpoint, Moments, Task, parameters};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::math::tensor::Tensor;

/// The name and version of the format.
pub(crate) const FORMAT: &str = "qkv-checkpoint/1";

/// Why a file is no checkpoint to go on from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum KeptError {
    /// It is not written as such a file is.
    Form(String),
    /// No task has that name.
    Task(String),
    /// A tensor that is missing, of another size, or holds what is no number.
    Tensor(String),
    /// Learning rates that no such steps can have been taken with.
    Rates,
    /// Not a loss for each step.
    Losses {
        /// The steps it says.
        steps: u64,
        /// The losses it has.
        losses: usize,
    },
}

impl Failure for KeptError {
    fn words(&self) -> Text {
        match self {
            Self::Form(why) => {
                let why = visible(why);
                Text::owned(
                    format!("不是存下来的学习进度（{FORMAT}）：{why}"),
                    format!("no learner's checkpoint ({FORMAT}): {why}"),
                )
            }
            Self::Task(name) => {
                let name = visible(name);
                Text::owned(
                    format!("没有任务叫「{name}」；任务有 {}", Task::ALL.map(Task::name).join("、")),
                    format!("there is no task `{name}`; the tasks are {}", Task::ALL.map(Task::name).join(", ")),
                )
            }
            Self::Tensor(name) => Text::owned(
                format!("{name} 缺少、大小不对，或者有不是数的数"),
                format!("{name} is missing, of another size, or holds what is no number"),
            ),
            Self::Rates => Text::new(
                "学习率（rates）不对：要写明从第几步起用多大的，从第 0 步开始",
                "the learning rates (`rates`) will not do: each with the step from which on it was used, the first one 0",
            ),
            Self::Losses { steps, losses } => Text::owned(
                format!("写着 {steps} 步，却有 {losses} 个损失"),
                format!("it says {steps} steps and has {losses} losses"),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    task: String,
    seed: u64,
    step: u64,
    losses: Vec<f32>,
    rates: Vec<(u64, f32)>,
    tensors: Vec<Entry>,
}

/// A parameter: its numbers row by row, and what Adam remembers of each.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    weights: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Checkpoint {
    /// The most bytes of a file that is read: a hundred times what any task here writes.
    pub const LARGEST_FILE: usize = 256 << 20;

    /// As a file: one line of JSON.
    pub fn to_json(&self) -> String {
        let names = self.names();
        let entry = |((name, weights), moments): ((String, &Arc<Tensor<f32>>), &Moments)| Entry {
            name,
            weights: weights.as_slice().to_vec(),
            first: moments.first.as_slice().to_vec(),
            second: moments.second.as_slice().to_vec(),
        };
        let document = Document {
            format: FORMAT.to_owned(),
            task: self.task.name().to_owned(),
            seed: self.seed,
            step: self.step,
            losses: self.losses.clone(),
            rates: self.rates.clone(),
            tensors: names.into_iter().zip(&self.weights).zip(&self.moments).map(entry).collect(),
        };
        let mut json = serde_json::to_string(&document).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`KeptError`] says what will not do.
    pub fn parse(json: &str) -> Result<Self, KeptError> {
        let document: Document = serde_json::from_str(json).map_err(|why| KeptError::Form(why.to_string()))?;
        if document.format != FORMAT {
            return Err(KeptError::Form(document.format));
        }
        let task = Task::by_name(&document.task).ok_or(KeptError::Task(document.task))?;
        let (steps, losses) = (document.step, document.losses.len());
        if steps != losses as u64 {
            return Err(KeptError::Losses { steps, losses });
        }
        if document.losses.iter().any(|loss| !loss.is_finite()) {
            return Err(KeptError::Tensor("losses".to_owned()));
        }
        let rates = &document.rates;
        let fits = rates.iter().all(|&(from, rate)| from < steps && rate.is_finite() && rate > 0.0)
            && rates.is_sorted_by(|a, b| a.0 < b.0)
            && rates.first().map_or(steps == 0, |&(first, _)| first == 0);
        if !fits {
            return Err(KeptError::Rates);
        }
        let mut read = Self::new(task, document.seed).map_err(|why| KeptError::Form(why.to_string()))?;
        let names = read.names();
        if document.tensors.len() != names.len() {
            return Err(KeptError::Form(format!("{} / {} tensors", document.tensors.len(), names.len())));
        }
        let places = names.into_iter().zip(read.weights.iter_mut().zip(&mut read.moments));
        for ((name, (weights, moments)), entry) in places.zip(document.tensors) {
            let shape = *weights.shape();
            let sound = |numbers: &Vec<f32>, least: f32| numbers.iter().all(|x| x.is_finite() && *x >= least);
            let fits = entry.name == name
                && sound(&entry.weights, f32::MIN)
                && sound(&entry.first, f32::MIN)
                && sound(&entry.second, 0.0);
            let tensor = |numbers| Tensor::from_vec(shape, numbers).filter(|_| fits).map(Arc::new);
            let read = (tensor(entry.weights), tensor(entry.first), tensor(entry.second));
            let (Some(own), Some(first), Some(second)) = read else { return Err(KeptError::Tensor(name)) };
            (*weights, *moments) = (own, Moments { first, second });
        }
        (read.step, read.losses, read.rates) = (document.step, document.losses, document.rates);
        Ok(read)
    }

    /// What its weights are called.
    fn names(&self) -> Vec<String> {
        let Ok(program) = self.task.program() else { return Vec::new() };
        parameters(&program).into_iter().map(|slot| program.symbol(slot).to_string()).collect()
    }
}

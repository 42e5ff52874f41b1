//! The words of what stands on the way back from a loss: gradients, their parts, what an optimizer keeps.

use super::{Label, Name, Role};
use crate::ground::lang::Text;
use crate::program::{About, Program, Slot, Stage};

/// The words of something about a tensor of that label.
pub(super) fn label(about: About, name: Name, of: &Label) -> Label {
    let (title, says) = match about {
        About::Gradient => (
            Text::same(format!("∂L/∂{name}")),
            Text::owned(
                format!(
                    "{name} 的梯度：{name} 里的每个数增加一点点时，损失 L 的变化是它的几倍。正的说明减小这个数会让损失变小。"
                ),
                format!(
                    "The gradient of {name}: how many times a small step of each of its numbers the loss L moves. Where it is positive, a smaller number makes a smaller loss."
                ),
            ),
        ),
        About::Part(_) => (
            Text::owned(format!("经 {name} 传回的部分"), format!("the part through {name}")),
            Text::owned(
                format!("同一个张量被用了好几次，梯度就从好几处传回来；这是经 {name} 回来的那一份，最后要加在一起。"),
                format!(
                    "What is used several times gets its gradient back along several ways; this is the part that came through {name}. In the end the parts are added."
                ),
            ),
        ),
        About::Sum(_) => (
            Text::owned(format!("加到 {name} 为止"), format!("added up as far as {name}")),
            Text::owned(
                format!("从后往前把各处传回的梯度加起来，这里加到了 {name}。"),
                format!("The parts that came back, added from the last one on; so far as {name}."),
            ),
        ),
        About::Step(_) => (
            Text::owned(format!("倒着走 {name}"), format!("back through {name}")),
            Text::owned(
                format!("倒着穿过 {name} 这一步时的中间结果。"),
                format!("A step on the way back through {name}."),
            ),
        ),
        About::First | About::NextFirst => (
            Text::owned(format!("{name} 的一阶矩"), format!("first moment of {name}")),
            Text::owned(
                format!("Adam 记着 {name} 每个数的梯度的滑动平均：近来往哪边走。"),
                format!(
                    "Adam keeps a running mean of the gradient of every number of {name}: where it has been heading."
                ),
            ),
        ),
        About::Second | About::NextSecond => (
            Text::owned(format!("{name} 的二阶矩"), format!("second moment of {name}")),
            Text::owned(
                format!("Adam 还记着 {name} 每个数的梯度平方的滑动平均：近来晃得多厉害。"),
                format!(
                    "Adam also keeps a running mean of the gradient's square of every number of {name}: how much it has been shaking."
                ),
            ),
        ),
        About::Next => (
            Text::owned(format!("走一步之后的 {name}"), format!("{name} after one step")),
            Text::owned(
                format!("{name} 的每个数逆着自己的梯度走一小步，步子多大由学习率决定。"),
                format!(
                    "Every number of {name} takes a small step against its gradient; how small, the learning rate says."
                ),
            ),
        ),
    };
    Label { role: of.role, title, formula: String::new().into(), says }
}

/// How a tensor on the way back is made, from the op that makes it: `dQ = dscores · K`.
pub(super) fn formula(program: &Program, slot: Slot) -> Option<String> {
    let stage = program.made_by(slot)?;
    stage.symbol.name.of_which()?;
    let symbol = |slot: Slot| {
        let symbol = program.symbol(slot);
        if symbol.layer == stage.symbol.layer { symbol.name.to_string() } else { symbol.to_string() }
    };
    let names: Vec<String> = stage.operands.iter().map(|&operand| symbol(operand)).collect();
    let one_head = stage.operands.first().and_then(|&operand| program.shape(operand).heads) == Some(1);
    let made = match stage.op.name() {
        "scale" => format!("{}{}", names[0], divided(program, stage)),
        "concat" if one_head => names[0].clone(),
        _ => made_of(stage, &names),
    };
    Some(format!("{} = {made}", stage.symbol.name))
}

/// What a gradient is divided by: what the scores were, in the words of that stage.
fn divided(program: &Program, stage: &Stage) -> String {
    let scaled = program.find(stage.symbol.layer, Name::Scaled).map(|slot| super::of(program, slot).formula);
    let by = scaled.as_ref().and_then(|formula| formula.split_once(" / "));
    by.map_or_else(String::new, |(_, by)| format!(" / {by}"))
}

fn made_of(stage: &Stage, names: &[String]) -> String {
    let [a, b, c] = [0, 1, 2].map(|n| names.get(n).map_or("", String::as_str));
    match stage.op.name() {
        "matmul" => format!("{a} · {b}"),
        "matmul_transposed" => format!("{a} · {b}ᵀ"),
        "transposed_matmul" => format!("{a}ᵀ · {b}"),
        "add" => format!("{a} + {b}"),
        "multiply" => format!("{a} ⊙ {b}"),
        "unchanged" => a.to_owned(),
        "concat" => format!("[{a}.1 | {a}.2 | …]"),
        "softmax_adjoint" => format!("{a} ⊙ ({b} − Σ {a} ⊙ {b})"),
        "mask_adjoint" => format!("{a} where {b} = 1"),
        "sum_rows" | "sum_shared" | "sum_groups" => format!("Σ {a}"),
        "average_adjoint" => format!("{a} / heads"),
        "gelu_adjoint" | "gelu_tanh_adjoint" => format!("GELU′({a}) ⊙ {b}"),
        "silu_adjoint" => format!("SiLU′({a}) ⊙ {b}"),
        "relu_adjoint" => format!("ReLU′({a}) ⊙ {b}"),
        "cross_entropy_adjoint" => format!("(softmax({a}) − {b}) / n · {c}"),
        "target_loss_adjoint" => format!("−{b} / (n · {a}) · {c}"),
        "adam_first" => format!("β₁·{a} + (1 − β₁)·{b}"),
        "adam_second" => format!("β₂·{a} + (1 − β₂)·{b}²"),
        "sgd" => format!("{a} − η·{b}"),
        "adam" => format!("{a} − η·{b} / √{c}"),
        name => format!("{name}({})", names.join(", ")),
    }
}

/// The words of the loss and of what it is compared with.
pub(super) const TARGETS: (Role, Text, Text) = (
    Role::Mask,
    Text::new("目标", "targets"),
    Text::new(
        "希望得到的结果：每一行里，该得多少份额就写多少；全是 0 的行不参加比较。",
        "What should come out: in each row the share that is wanted where; a row of zeros takes no part.",
    ),
);

/// How far what came out is from that.
pub(super) const LOSS: (Role, Text, Text) = (
    Role::Score,
    Text::new("损失", "loss"),
    Text::new(
        "交叉熵：目标处的份额取对数，变号，再求平均。目标处得到的份额越接近 1，损失越接近 0。",
        "Cross-entropy: minus the logarithm of the share where the target is, on average. The nearer that share is to 1, the nearer the loss is to 0.",
    ),
);

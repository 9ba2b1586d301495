//! What is changed into what: the operators of cargo-mutants.

use syn::{BinOp, ReturnType, Type};

/// What may stand in the place of a binary operator.
pub(crate) fn instead_of(operator: &BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Lt(_) => &["==", ">", "<="],
        BinOp::Gt(_) => &["==", "<", ">="],
        BinOp::Le(_) => &[">", "<"],
        BinOp::Ge(_) => &["<", ">"],
        BinOp::Add(_) => &["-", "*"],
        BinOp::Sub(_) => &["+", "/"],
        BinOp::Mul(_) => &["+", "/"],
        BinOp::Div(_) => &["%", "*"],
        BinOp::Rem(_) => &["/", "+"],
        BinOp::BitAnd(_) => &["|", "^"],
        BinOp::BitOr(_) => &["&", "^"],
        BinOp::BitXor(_) => &["|", "&"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::AddAssign(_) => &["-=", "*="],
        BinOp::SubAssign(_) => &["+=", "/="],
        BinOp::BitAndAssign(_) => &["|=", "^="],
        BinOp::BitOrAssign(_) => &["&=", "^="],
        _ => &[],
    }
}

/// What a function may answer without doing anything, as far as its signature tells what compiles.
pub(crate) fn answers(output: &ReturnType) -> &'static [&'static str] {
    let ReturnType::Type(_, output) = output else { return &["()"] };
    match &**output {
        Type::Tuple(tuple) if tuple.elems.is_empty() => &["()"],
        Type::Path(path) => match &*path.path.segments.last().expect("a path has a name").ident.to_string() {
            "bool" => &["true", "false"],
            "usize" | "u64" | "i64" => &["0", "1"],
            "Option" => &["None"],
            _ => &[],
        },
        _ => &[],
    }
}

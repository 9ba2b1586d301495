//! Finds what can be mutated in a file, and where the switches go.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, Expr, ExprBinary, ExprMatch, ExprUnary, ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemTrait,
    Pat, Signature, TraitItemFn, UnOp,
};

use crate::operators::{answers, instead_of};

/// One mutant.
pub(crate) struct Mutant {
    pub(crate) number: usize,
    pub(crate) is_const: bool,
    /// The source line, with the place marked.
    pub(crate) line: String,
    pub(crate) change: String,
}

/// All mutants of a file.
pub(crate) struct Schema<'a> {
    text: &'a str,
    first: usize,
    pub(crate) mutants: Vec<Mutant>,
    /// What goes in before the byte at an offset. What begins at one place nests in the order in which it was found.
    opens: Vec<(usize, String)>,
    /// What goes in behind the byte before an offset. What ends at one place nests the other way round.
    closes: Vec<(usize, String)>,
    /// The type or trait that the functions belong to.
    owner: String,
    function: String,
    in_const: bool,
}

impl<'a> Schema<'a> {
    pub(crate) fn of(file: &syn::File, text: &'a str, first: usize) -> Self {
        let (mutants, opens, closes) = (Vec::new(), Vec::new(), Vec::new());
        let (owner, function, in_const) = (String::new(), String::new(), false);
        let mut schema = Self { text, first, mutants, opens, closes, owner, function, in_const };
        schema.visit_file(file);
        schema
    }

    /// The file with all its switches.
    pub(crate) fn written(mut self) -> String {
        self.closes.reverse();
        self.closes.sort_by_key(|(at, _)| *at);
        self.opens.sort_by_key(|(at, _)| *at);
        let (mut opens, mut closes) = (self.opens.iter().peekable(), self.closes.iter().peekable());
        let mut written = String::new();
        for at in 0..=self.text.len() {
            if !self.text.is_char_boundary(at) {
                continue;
            }
            while let Some((_, insert)) = closes.next_if(|(there, _)| *there == at) {
                written.push_str(insert);
            }
            while let Some((_, insert)) = opens.next_if(|(there, _)| *there == at) {
                written.push_str(insert);
            }
            written.extend(self.text[at..].chars().next());
        }
        written
    }

    fn source(&self, node: &impl Spanned) -> &'a str {
        &self.text[node.span().byte_range()]
    }

    /// Notes a mutant; answers the condition under which it lives.
    fn mutant(&mut self, place: Range<usize>, change: String) -> String {
        let number = self.first + self.mutants.len() + 1;
        let begin = self.text[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[begin..].find('\n').map_or(self.text.len(), |at| begin + at);
        // Of what goes over several lines the first is shown.
        let last = place.end.min(end);
        let (before, marked, after) =
            (&self.text[begin..place.start], &self.text[place.start..last], &self.text[last..end]);
        let line = format!("{before}⟦{marked}⟧{after}").trim().to_owned();
        let change = format!("{change} in {}", self.function);
        self.mutants.push(Mutant { number, is_const: self.in_const, line, change });
        if self.in_const {
            format!("crate::mutation::FIXED == {number}")
        } else {
            format!("crate::mutation::is({number})")
        }
    }

    /// Puts a switch around an expression: one condition and one expression for each mutant.
    fn switch(&mut self, around: Range<usize>, cases: Vec<(String, String)>) {
        let cases = cases.iter().map(|(condition, instead)| format!("if {condition} {{ {instead} }} else "));
        let open = format!("({}{{ (", cases.collect::<String>());
        self.opens.push((around.start, open));
        self.closes.push((around.end, ") })".to_owned()));
    }

    fn inside(&mut self, owner: String, inner: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.owner, format!("{owner}::"));
        inner(self);
        self.owner = before;
    }

    fn function(&mut self, signature: &Signature, body: &Block, inner: impl FnOnce(&mut Self)) {
        let name = format!("{}{}", self.owner, signature.ident);
        let before = (std::mem::replace(&mut self.function, name), self.in_const);
        self.in_const = signature.constness.is_some();
        let inside = body.span().byte_range();
        let whole = self.text[inside.start + 1..inside.end - 1].trim();
        // To answer what it answers anyway is no mutant.
        for answer in answers(&signature.output).iter().filter(|answer| **answer != whole && !whole.is_empty()) {
            let place = signature.ident.span().byte_range();
            let condition = self.mutant(place, format!("answer {answer}"));
            self.opens.push((inside.start + 1, format!(" if {condition} {{ return {answer}; }} ")));
        }
        inner(self);
        (self.function, self.in_const) = before;
    }
}

impl<'a> Visit<'_> for Schema<'a> {
    fn visit_item_mod(&mut self, module: &ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, item: &ItemImpl) {
        let of = self.source(&item.self_ty);
        let name = match &item.trait_ {
            Some((_, path, _)) => format!("<{of} as {}>", self.source(path)),
            None => of.to_owned(),
        };
        self.inside(name, |this| visit::visit_item_impl(this, item));
    }

    fn visit_item_trait(&mut self, item: &ItemTrait) {
        self.inside(item.ident.to_string(), |this| visit::visit_item_trait(this, item));
    }

    fn visit_item_fn(&mut self, item: &ItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &ImplItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_impl_item_fn(this, item));
    }

    fn visit_trait_item_fn(&mut self, item: &TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body, |this| visit::visit_trait_item_fn(this, item));
        }
    }

    /// Constants outside of functions stay as they are.
    fn visit_item_const(&mut self, _: &syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &syn::ImplItemConst) {}

    fn visit_expr_binary(&mut self, binary: &ExprBinary) {
        // `if let … && …` cannot be taken apart.
        if !has_let(&Expr::Binary(binary.clone())) {
            let place = binary.op.span().byte_range();
            let (left, right) = (self.source(&binary.left), self.source(&binary.right));
            let was = self.source(&binary.op);
            let cases = instead_of(&binary.op)
                .iter()
                .map(|now| (self.mutant(place.clone(), format!("{was} to {now}")), format!("({left}) {now} ({right})")))
                .collect::<Vec<_>>();
            if !cases.is_empty() {
                self.switch(binary.span().byte_range(), cases);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &ExprUnary) {
        if !matches!(unary.op, UnOp::Deref(_)) {
            let place = unary.op.span().byte_range();
            let condition = self.mutant(place, format!("delete {}", self.source(&unary.op)));
            self.switch(unary.span().byte_range(), vec![(condition, self.source(&unary.expr).to_owned())]);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, expression: &ExprMatch) {
        let catches_all = |arm: &Arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none();
        let rest = expression.arms.iter().any(catches_all);
        for arm in &expression.arms {
            match &arm.guard {
                Some((_, guard)) => {
                    let place = guard.span().byte_range();
                    let cases = ["true", "false"]
                        .map(|now| (self.mutant(place.clone(), format!("guard to {now}")), now.to_owned()));
                    self.switch(place, cases.into());
                }
                None if rest && !catches_all(arm) => {
                    let place = arm.pat.span().byte_range();
                    let condition = self.mutant(place.clone(), "delete arm".to_owned());
                    self.closes.push((place.end, format!(" if !({condition})")));
                }
                None => {}
            }
        }
        visit::visit_expr_match(self, expression);
    }
}

/// Whether an operand of a chain of `&&` is a `let`.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    };
    attributes.iter().any(is_test)
}

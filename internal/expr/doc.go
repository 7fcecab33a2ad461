// Package expr is the expressions of runbooks: CEL, typed and bounded.
//
// A [Program] is one expression after parsing and type checking. [Compile]
// makes it against [Symbols], which know what names mean in that place; every
// problem is a [Problem] with its place in the text, in words of the runbook
// language. [Compiler.Template] does the same for text that holds `${{ }}`.
//
// At run time the texts come out of a plan that was checked already:
// [Evaluator] compiles them without types ([Dynamic]), keeps the programs, and
// asks a [Resolver] for each value that is really needed.
//
// Names keep the author's spelling everywhere outside this package:
// "steps.open-investigation.outputs.case". CEL has no hyphens in names, so the
// id of a step is rewritten at equal length before CEL sees the text, and
// places stay true.
//
// Everything is bounded: the length and depth of a text, the nesting of its
// loops, the work and the memory of one evaluation.
//
// Files, in reading order: types.go, names.go (which names there are and how
// they are read), compile.go, simple.go, compare.go, walk.go (from the syntax tree to references), select.go,
// problems.go, language.go (CEL's configuration and the limits), functions.go,
// known.go, program.go, plain.go (values in and out), template.go, evaluator.go.
package expr

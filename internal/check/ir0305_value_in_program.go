package check

import (
	"github.com/irctl/irctl/internal/programs"
	"github.com/irctl/irctl/pkg/runbook"
)

var ValueInProgram = codes.Warning("IR0305", "a value in the middle of an argument",
	"Nobody knows what the program makes of the argument. If it reads it as a program, or as a query, the value could become a part of that. As an environment variable (`env`), on standard input (`stdin`), or as an argument of its own a value stays a value. Where the program is known to read programs, as sh and ssh do, this is an error (IR0225).")

var _ = rules.step.add((*reviewer).valueInProgram)

// valueInProgram: a value among other words, or behind an option such as -c,
// is where many programs read programs.
func (r *reviewer) valueInProgram(n *node) {
	a := r.acts[n]
	if a == nil {
		return
	}
	eachArgument(n.step.Uses, a.spec, func(words []string, at int, rest string, place runbook.Span) {
		switch {
		case at == 0:
			r.report(ValueInProgram, place, "a value says which program runs", "write the program's name, and hand values over as arguments")
		case programs.Reads(words, at) == "" && programs.Might(words, at, rest):
			r.report(ValueInProgram, place, "a value stands in an argument that the program may read as a program", "hand it over as `env` or `stdin`, or as an argument of its own")
		}
	})
}

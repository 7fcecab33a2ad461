package check

var NoCase = codes.Warning("IR0337", "a value that no case takes",
	"An input of fixed values can be one for which the choice has no case, and no default: then nothing is done, in silence. Write the case, or `default`.")

var _ = rules.step.add((*reviewer).noCase)

// mostWithout is how many values without a case are named.
const mostWithout = 8

// noCase: what is chosen by an input has a case for each of its values.
func (r *reviewer) noCase(n *node) {
	s := n.step
	in := r.chosenBy(s)
	if in == nil || s.DefaultKey.Given() || r.full() {
		return
	}
	has := make(map[string]bool, len(s.Cases))
	for _, one := range s.Cases {
		has[one.Match.Value] = true
	}
	var without []string
	for _, value := range r.choicesOf(in).values {
		if !has[value] {
			without = append(without, value)
		}
		if len(without) == mostWithout {
			break // so that a switch costs no more than its cases
		}
	}
	if len(without) > 0 {
		r.report(NoCase, s.Switch.Span, "there is no case for "+list(without)+", and no `default`: nothing would be done", "write the cases, or `default` for everything else")
	}
}

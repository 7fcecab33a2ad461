package view

import (
	"slices"

	"github.com/irctl/irctl/internal/projection"
)

// Step writes one step of a run: what it is for, how it stands, and what to
// type if it waits. As JSON it is the step as it is in the run's.
func (p *Printer) Step(s projection.Status, path string) error {
	i := slices.IndexFunc(s.Steps, func(st projection.Step) bool { return st.Path == path })
	if i < 0 { // a plan names every step
		return nil
	}
	st := s.Steps[i]
	if p.format == JSON {
		return p.JSON(st)
	}
	pg := p.page(p.out)
	pg.step(st)
	s.Waiting = slices.DeleteFunc(slices.Clone(s.Waiting), func(w projection.Waiting) bool { return w.Path != path })
	pg.waiting(s, true)
	return p.print(p.out, pg)
}

// step adds what is known of a step, save what waits.
func (pg *page) step(st projection.Step) {
	pg.hang(0, pg.theme.word(st.Status)+"  ", st.Path, strong)
	does := string(st.Kind)
	if st.Action != "" {
		does = st.Action
	}
	if st.Target != "" {
		does += " on " + st.Target
	}
	attempts := ""
	if st.Attempts > 0 {
		attempts = group(st.Attempts)
	}
	until := when(st.Deadline, pg.now)
	if !st.Ended.IsZero() {
		until = ""
	}
	pg.facts(0, [][2]string{
		{"title", st.Title}, {"does", does}, {"branch", st.Branch}, {"attempts", attempts},
		{"started", when(st.Started.Time, pg.now)}, {"took", took(&st, pg.now)}, {"until", until},
		{"next try", when(st.RetryAt, pg.now)}, {"says", st.Summary},
	}...)
	if st.Error != nil {
		pg.styled(0, st.Error.Message, bad)
		pg.para(0, st.Error.Hint)
	}
}

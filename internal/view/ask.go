package view

import (
	"cmp"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// Ask asks the person at the terminal for one line and returns it without its
// end. Nothing behind the line is read: it is for whoever asks next. The error
// is io.EOF if no line comes.
func (p *Printer) Ask(question string) (string, error) {
	if err := p.write(p.err, inline(question)+" "); err != nil {
		return "", err
	}
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := p.in.Read(one)
		switch {
		case n > 0 && one[0] == '\n':
			return strings.TrimSuffix(string(line), "\r"), nil
		case n > 0 && len(line) < maxText:
			line = append(line, one[0])
		case errors.Is(err, io.EOF) || n == 0:
			return "", cmp.Or(err, io.EOF)
		}
	}
}

// Secret asks for one line that is not shown while it is typed.
func (p *Printer) Secret(question string) ([]byte, error) {
	if err := p.write(p.err, inline(question)+" "); err != nil {
		return nil, err
	}
	text, err := term.ReadPassword(int(p.in.Fd()))
	return text, cmp.Or(err, p.write(p.err, "\n"))
}

// Fill asks for fields one by one, each until it is right, and returns what was
// typed. The empty line takes the default, which is left out.
func (p *Printer) Fill(fields []plan.Field, wrong func(plan.Field, string) error) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range fields {
		kind := answerType(f)
		if f.Secret {
			kind = "a secret, as env:NAME or file:PATH"
		}
		if f.Default != nil {
			kind += "; Enter for " + datum(f.Default.Raw)
		}
		if f.Description != "" {
			_ = p.Note(f.Description)
		}
		for {
			text, err := p.Ask(f.Name + " (" + kind + "):")
			if err != nil {
				return nil, err
			}
			if text == "" && f.Default != nil {
				break
			}
			if err := wrong(f, text); err != nil {
				_ = p.Note(err.Error())
				continue
			}
			out[f.Name] = text
			break
		}
	}
	return out, nil
}

// mostShown is how many lines of what would change are shown before a question.
const mostShown = 15

// Confirm shows what would be changed, in short, and asks for a typed yes.
func (p *Printer) Confirm(head string, changes [][2]string, question string) (bool, error) {
	pg := p.prose(p.err)
	pg.para(0, head)
	pg.facts(2, changes[:min(len(changes), mostShown)]...)
	if more := len(changes) - mostShown; more > 0 {
		pg.para(2, "and "+strconv.Itoa(more)+" more")
	}
	return p.agreed(pg, question)
}

// Approve shows the whole question of a step, what a yes does and what has ended
// since it was asked, and as whom the person answers; it asks for a typed yes to
// that answer, which may be a no.
func (p *Printer) Approve(w projection.Waiting, as string, yes bool) (bool, error) {
	pg := p.prose(p.err)
	pg.question(w)
	pg.fingerprint(w.Fingerprint)
	if as != "" {
		pg.para(0, "You answer as "+as+".")
	}
	if !yes {
		return p.agreed(pg, "Refuse it?")
	}
	if w.Undo {
		return p.agreed(pg, "Approve undoing "+plural(w.Undoes, "step")+"?")
	}
	return p.agreed(pg, "Approve it?")
}

func (p *Printer) agreed(pg *page, question string) (bool, error) {
	if err := p.print(p.err, pg); err != nil {
		return false, err
	}
	text, err := p.Ask(question + " Type yes:")
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.EqualFold(strings.TrimSpace(text), "yes"), err
}

package view

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// Answer is what a person said on the live screen.
type Answer struct {
	Path     string
	For      projection.For // ForApproval, ForManual, or ForDecision if that was asked for
	Undo     bool           // it is about undoing the step
	Verb     string         // instead of an answer: another command that stands beside the question, "skip"
	Yes      bool           // ForApproval: approved, or rejected; ForManual: always true, it is done; ForDecision: try again, or skip
	Person   string         // as whom, if the screen had to ask
	Comment  string
	Values   map[string]string // a manual step's answers, as typed
	Evidence map[string]string // a manual step's files
}

// prompt asks a person about one waiting step, one question after another.
type prompt struct {
	about  projection.Waiting
	answer Answer
	asks   []question // still to be asked after the first
	why    []question // instead, after another verb
	at     int        // -1: the yes or no
	typed  []rune
	sent   bool
	named  bool   // the person's name is asked for
	fault  string // why the last answer was refused
	unread bool   // there was no room for all of it, and its end was not in sight yet
	read   bool   // it was
}

// question is one thing to type.
type question struct {
	label    string
	required bool
	wrong    func(text string) error // why it is no answer; nil takes any
	store    func(a *Answer, text string)
}

// checker says why a text is no answer of a field.
type checker func(f plan.Field, text string) error

func newPrompt(w projection.Waiting, person string, check checker) *prompt {
	p := &prompt{about: w, at: -1}
	p.answer = Answer{Path: w.Path, For: w.For, Undo: w.Undo, Person: person, Values: map[string]string{}, Evidence: map[string]string{}}
	for _, f := range w.Answers {
		var wrong func(string) error
		if check != nil {
			wrong = func(text string) error { return check(f, text) }
		}
		p.asks = append(p.asks, question{f.Name + " (" + answerType(f) + ")", f.Required, wrong,
			func(a *Answer, text string) { a.Values[f.Name] = text }})
	}
	p.why = []question{{"why (Enter for none)", false, nil, func(a *Answer, text string) { a.Comment = text }}}
	for _, f := range w.Evidence {
		p.asks = append(p.asks, question{f.Name + " (path of a file" + optional(f.Required) + ")", f.Required, nil,
			func(a *Answer, text string) { a.Evidence[f.Name] = text }})
	}
	if w.For != projection.ForManual { // whose answers say it
		p.asks = append(p.asks, question{"comment (Enter for none)", false, nil,
			func(a *Answer, text string) { a.Comment = text }})
	}
	return p
}

func answerType(f plan.Field) string {
	out := f.Type
	if len(f.Enum) > 0 {
		out = strings.Join(f.Enum, ", ")
	}
	return out + optional(f.Required)
}

func optional(required bool) string {
	if required {
		return ""
	}
	return ", may be empty"
}

// id tells whether two prompts ask the same.
func promptID(w projection.Waiting) string { return w.Path + "\x00" + w.Since.String() }

// outcome is what a key press led to.
type outcome int

const (
	stillAsking outcome = iota
	later               // the person does not want to answer now
	answered            // answer is complete
)

// key takes a key press.
func (p *prompt) key(k key) outcome {
	switch {
	case p.sent:
	case k.name == keyEscape:
		return later
	case k.name == keyErase && len(p.typed) > 0:
		p.typed = p.typed[:len(p.typed)-1]
	case k.name == keyEraseLine:
		p.typed = nil
	case k.char == keyFold && !p.typing():
	case k.char != 0 && len(p.typed) < maxText:
		p.typed = append(p.typed, k.char)
	case k.name == keyEnter && p.at < 0:
		return p.choose()
	case k.name == keyEnter:
		return p.enter()
	}
	return stillAsking
}

// typing reports whether keys belong to an answer that is being typed.
func (p *prompt) typing() bool { return p.at >= 0 || len(p.typed) > 0 }

// choices are the words for yes and for no to what is asked; "" is none. They
// are whole words, because somebody may type or paste into the wrong window.
func (p *prompt) choices() (yes, no string) {
	switch {
	case p.about.For == projection.ForApproval:
		return "yes", "no"
	case p.about.For == projection.ForDecision && p.about.Asks:
		return "retry", ""
	case p.about.For == projection.ForDecision:
		return "retry", "skip"
	}
	return "yes", ""
}

func (p *prompt) choose() outcome {
	yes, no := p.choices()
	text := strings.ToLower(strings.TrimSpace(string(p.typed)))
	p.typed = nil
	switch offered := slices.Contains(p.verbs(), text); {
	case !offered:
	case text == "approve" || text == "done":
		text = yes
	case text == "reject":
		text = no
	}
	switch text {
	case "":
	case yes:
		if p.unread && p.about.For == projection.ForApproval {
			p.fault = "Read it to its end first: PgDn."
			return stillAsking
		}
		p.fault, p.answer.Yes, p.at = "", true, 0
		return p.next()
	case no:
		p.fault, p.answer.Yes, p.at = "", false, 0
	case "later", "l":
		return later
	default:
		if slices.Contains(p.verbs(), text) {
			p.fault, p.answer.Verb, p.answer.Yes, p.at = "", text, true, 0
			return stillAsking
		}
		p.fault = "Type " + p.words() + "."
	}
	return stillAsking
}

// verbs are those of the commands that stand beside the question.
func (p *prompt) verbs() (out []string) {
	for _, c := range append([]string{p.about.Command}, p.about.Others...) {
		if words := strings.Fields(c); len(words) > 1 {
			out = append(out, words[1])
		}
	}
	return out
}

// words lists what may be typed.
func (p *prompt) words() string {
	yes, no := p.choices()
	out := []string{yes}
	if no != "" {
		out = append(out, no)
	}
	for _, verb := range p.verbs() {
		if !slices.Contains(append(out, "approve", "reject", "done"), verb) {
			out = append(out, verb)
		}
	}
	return strings.Join(out, ", ") + " or later"
}

// rest are the questions after the first.
func (p *prompt) rest() []question {
	if p.answer.Verb != "" {
		return p.why
	}
	return p.asks
}

// chosen says what the first key meant.
func (p *prompt) chosen() string {
	switch {
	case p.answer.Verb != "":
		return p.answer.Verb
	case p.about.For == projection.ForDecision && p.answer.Yes:
		return "try again"
	case p.about.For == projection.ForDecision:
		return "skip"
	case p.answer.Yes:
		return "yes"
	}
	return "no"
}

func (p *prompt) enter() outcome {
	text, q := strings.TrimSpace(string(p.typed)), p.rest()[p.at]
	if text == "" && q.required {
		p.fault = "An answer is needed here."
		return stillAsking
	}
	if text != "" && q.wrong != nil {
		if err := q.wrong(text); err != nil {
			p.fault = err.Error()
			return stillAsking
		}
	}
	p.fault, p.typed = "", nil
	if text != "" {
		q.store(&p.answer, text)
	}
	p.at++
	return p.next()
}

// next asks what is to be asked still, or ends the prompt.
func (p *prompt) next() outcome {
	if p.at < len(p.rest()) {
		return stillAsking
	}
	p.sent = true
	return answered
}

// refuse starts over after the answer was not accepted. It may have been given
// as the wrong person, whom the login decides.
func (p *prompt) refuse(why error) {
	p.at, p.typed, p.sent, p.fault = -1, nil, false, why.Error()
	p.answer.Verb = ""
	p.answer.Values, p.answer.Evidence = map[string]string{}, map[string]string{}
	if !p.named && p.answer.Person == "" {
		p.named = true
		p.asks = append([]question{{"your name in the environment (Enter: your login decides)", false, nil,
			func(a *Answer, text string) { a.Person = text }}}, p.asks...)
	}
}

// prompt adds the question to a page.
func (pg *page) prompt(p *prompt) {
	if p.fault != "" {
		pg.styled(0, p.fault, bad)
	}
	switch {
	case p.sent:
		pg.para(0, "sending the answer"+pg.theme.mark(ellipsis))
	case p.at < 0:
		asked := "Is " + p.about.Path + " done?"
		switch p.about.For {
		case projection.ForApproval:
			asked = "Do you approve " + p.about.Path + "?"
			if p.about.Undo {
				asked = "Do you approve undoing " + plural(p.about.Undoes, "step") + "?"
			}
		case projection.ForDecision:
			asked = p.about.Path + " failed."
		}
		pg.hang(0, pg.theme.paint(wants, inline(asked+" Type "+p.words()+":"))+" ", string(p.typed)+"_", normal)
	default:
		q := p.chosen() + ": " + p.rest()[p.at].label + ":"
		pg.hang(0, pg.theme.paint(wants, inline(q))+" ", string(p.typed)+"_", normal)
	}
}

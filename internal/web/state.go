package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Run is what a page is told of a run. All texts are cleaned.
type Run struct {
	Kind        string       `json:"kind"` // "run"
	ID          string       `json:"id"`
	Problem     string       `json:"problem,omitempty"` // why nothing else is known
	Exercise    bool         `json:"exercise,omitempty"`
	Title       string       `json:"title"`
	Runbook     string       `json:"runbook"`
	Environment string       `json:"environment,omitempty"`
	Incident    string       `json:"incident,omitempty"`
	Status      event.Status `json:"status"`
	Notes       []string     `json:"notes,omitempty"` // what stands out: paused, on hold, glass broken
	Message     string       `json:"message,omitempty"`
	By          string       `json:"by"`
	Started     string       `json:"started"`
	Ended       string       `json:"ended,omitempty"`
	Phases      []Phase      `json:"phases"`
	Waiting     []Waiting    `json:"waiting,omitempty"`
	Running     []Step       `json:"running,omitempty"`
	Clocks      []Clock      `json:"clocks,omitempty"`
	Steps       []Step       `json:"steps,omitempty"`
	Cut         Cut          `json:"cut"`
	Proof       Proof        `json:"proof"`
}

// Cut is how many there are besides those that a page is told.
type Cut struct {
	Waiting int `json:"waiting,omitempty"`
	Running int `json:"running,omitempty"`
	Steps   int `json:"steps,omitempty"`
}

// Phase is how far the steps of a phase have come, those that hold others left out.
type Phase struct {
	Name    string `json:"name"` // "" for steps of no phase
	Total   int    `json:"total"`
	Over    int    `json:"over"` // with whatever outcome
	Failed  int    `json:"failed,omitempty"`
	Running int    `json:"running,omitempty"`
	Waiting int    `json:"waiting,omitempty"`
}

// Step is a step of a run.
type Step struct {
	Path     string       `json:"path"`
	Name     string       `json:"name"`
	Status   event.Status `json:"status"`
	Does     string       `json:"does,omitempty"`
	Since    string       `json:"since,omitempty"`
	Until    string       `json:"until,omitempty"` // a deadline, or the next attempt
	Attempts int          `json:"attempts,omitempty"`
	Text     string       `json:"text,omitempty"`
	Inside   *Phase       `json:"inside,omitempty"` // of what it holds
}

// Waiting is something that people have to do.
type Waiting struct {
	Path    string         `json:"path"`
	For     projection.For `json:"for"`
	Title   string         `json:"title"`
	Text    string         `json:"text,omitempty"`
	Why     string         `json:"why,omitempty"`
	Who     []string       `json:"who,omitempty"` // roles; none is anybody
	Need    int            `json:"need"`
	Have    int            `json:"have"`
	Since   string         `json:"since"`
	Until   string         `json:"until,omitempty"`
	Expired bool           `json:"expired,omitempty"`
	Signed  bool           `json:"signed,omitempty"`
	Told    []string       `json:"told,omitempty"`
	Command string         `json:"command"`
}

// Clock is a duty to tell somebody.
type Clock struct {
	Name  string      `json:"name"`
	Title string      `json:"title"`
	Who   string      `json:"who,omitempty"`
	State clock.State `json:"state"`
	Due   string      `json:"due,omitempty"`
	Local string      `json:"local,omitempty"` // Due in the clock's own zone
	Warn  bool        `json:"warn,omitempty"`
	Text  string      `json:"text,omitempty"`
}

// Proof is what shows that the journal is what was written.
type Proof struct {
	Entries     int64    `json:"entries"`
	Head        string   `json:"head"`
	Fingerprint string   `json:"fingerprint,omitempty"`
	Words       string   `json:"words,omitempty"`
	Anchors     []string `json:"anchors,omitempty"`
}

// List is what a page is told of several runs: all, or those of an incident.
type List struct {
	Kind      string   `json:"kind"` // "runs" or "incident"
	Incident  string   `json:"incident,omitempty"`
	Problems  []string `json:"problems,omitempty"`
	Runs      []Row    `json:"runs"`
	More      bool     `json:"more,omitempty"` // older ones are left out
	Contained []Row    `json:"contained,omitempty"`
	Timeline  []Entry  `json:"timeline,omitempty"`
	Earlier   int      `json:"earlier,omitempty"` // entries before those of Timeline
}

// Row is a run in a list, or what one contains.
type Row struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Status   string   `json:"status"`
	Exercise bool     `json:"exercise,omitempty"`
	Incident []string `json:"incident,omitempty"`
	Started  string   `json:"started,omitempty"`
	Ended    string   `json:"ended,omitempty"`
	Text     string   `json:"text,omitempty"`
	Waiting  []string `json:"waiting,omitempty"`
}

// Entry is an entry of a timeline.
type Entry struct {
	Seq    int64        `json:"seq,omitempty"`
	Run    string       `json:"run,omitempty"`
	Time   string       `json:"time"`
	Path   string       `json:"path,omitempty"`
	Word   string       `json:"word"`
	Status event.Status `json:"status,omitempty"`
	By     string       `json:"by,omitempty"`
	Text   string       `json:"text,omitempty"`
}

// The most of each that a page is told: what is cut off it is told to be.
const (
	mostWaiting = 50
	mostRunning = 50
	mostSteps   = 200
	maxLine     = 300
	maxText     = 4000
)

func line(s string) string { return action.CleanLine(s, maxLine) }

func text(s string) string { return action.CleanHead(s, maxText) }

func at(t time.Time) string { return projection.Time{Time: t}.String() }

// RunOf is what a page is told of a run as it stands.
func RunOf(s projection.Status) Run {
	out := Run{
		Kind: "run", ID: line(s.Run), Exercise: s.Exercise != "", Title: line(cmp.Or(s.Title, s.Runbook)), Runbook: line(s.Runbook), Environment: line(s.Environment),
		Incident: line(s.Incident), Status: s.Status, Message: text(s.Message), By: line(projection.Who(&s.By)),
		Started: s.Started.String(), Ended: s.Ended.String(), Notes: each.Of(notes(s), line), Phases: phases(s.Steps),
		Clocks: each.Of(s.Clocks, clockOf),
		Proof: Proof{Entries: s.Head.Seq, Head: s.Head.Hash, Fingerprint: s.Fingerprint, Words: s.Words, Anchors: each.Of(s.Anchors, func(a projection.Anchor) string {
			return line(a.Name + " (" + a.Kind + "): " + a.Says() + ", " + a.At.String())
		})},
	}
	out.Cut.Waiting = max(0, len(s.Waiting)-mostWaiting)
	out.Waiting = each.Of(s.Waiting[:len(s.Waiting)-out.Cut.Waiting], waitingOf)
	for i, st := range s.Steps {
		if st.Status == event.Running && !st.Block {
			if len(out.Running) == mostRunning {
				out.Cut.Running++
			} else {
				out.Running = append(out.Running, stepOf(st, nil))
			}
		}
		if st.Depth == 0 {
			if len(out.Steps) == mostSteps {
				out.Cut.Steps++
			} else {
				out.Steps = append(out.Steps, stepOf(st, s.Steps[i+1:i+1+st.Inside]))
			}
		}
	}
	return out
}

// notes are what stands out of a run.
func notes(s projection.Status) (out []string) {
	for _, n := range []struct {
		so   bool
		text string
	}{
		{s.Held, "Halted, with all other runs of this machine."},
		{s.Pause != nil && !s.Held, "Nothing new starts: " + s.Pause.String() + "."},
		{s.NotUndone != "", s.NotUndone},
		{s.Canceling, "It is being canceled."},
		{s.RollingBack, "It is being rolled back."},
		{!s.Over() && !s.Driven && len(s.Waiting) == 0, "No process drives this run: nothing goes on until somebody resumes it."},
		{s.Hold != "", s.Hold},
		{s.Override != "", "Started " + s.Override},
	} {
		if n.so {
			out = append(out, n.text)
		}
	}
	return slices.Concat(out, s.BreakGlass, s.Delegated, s.Warnings)
}

// phases are the phases of a runbook in the order in which they first come. A step
// without one is of the phase of what it is in.
func phases(steps []projection.Step) []Phase {
	out, of := []Phase{}, map[string]int{}
	var within []string // the phase at each depth
	for _, s := range steps {
		within = within[:min(s.Depth, len(within))]
		name := s.Phase
		if name == "" && len(within) > 0 {
			name = within[len(within)-1]
		}
		within = append(within, name)
		i, known := of[name]
		if !known {
			i, of[name] = len(out), len(out)
			out = append(out, Phase{Name: line(name)})
		}
		out[i].count(s)
	}
	return slices.DeleteFunc(out, func(p Phase) bool { return p.Total == 0 })
}

func (p *Phase) count(s projection.Step) {
	if s.Block {
		return
	}
	p.Total++
	switch s.Status {
	case event.Pending:
	case event.Running, event.Undoing:
		p.Running++
	case event.Waiting, event.InDoubt:
		p.Waiting++
	case event.Failed:
		p.Failed++
		p.Over++
	default:
		p.Over++
	}
}

func stepOf(s projection.Step, inside []projection.Step) Step {
	out := Step{
		Path: line(s.Path), Name: line(s.Name()), Status: s.Status, Since: s.Started.String(), Attempts: s.Attempts,
		Until: at(cmp.Or(s.RetryAt, s.Deadline)), Text: line(s.Summary),
	}
	if out.Does = line(s.Action); s.Target != "" {
		out.Does = line(s.Action + " on " + s.Target)
	}
	if s.Error != nil {
		out.Text = line(s.Error.Message)
	}
	if len(inside) > 0 {
		out.Inside = &Phase{}
		for _, in := range inside {
			out.Inside.count(in)
		}
	}
	return out
}

func waitingOf(w projection.Waiting) Waiting {
	return Waiting{
		Path: line(w.Path), For: w.For, Title: line(w.Title), Text: text(w.Text), Why: text(w.Why), Who: each.Of(w.Roles, line),
		Need: w.Need, Have: w.Have, Since: w.Since.String(), Until: at(w.Deadline), Expired: w.Expired, Signed: w.Signed, Command: line(w.Command),
		Told: each.Of(projection.Latest(w.Told), func(t projection.Told) string {
			return line(cmp.Or(t.To, "whoever reads "+t.Target) + " through " + t.Target + ": " + string(t.Outcome) + ", " + t.At.String())
		}),
	}
}

func clockOf(c projection.Clock) Clock {
	out := Clock{Name: line(c.Name), Title: line(c.Title), Who: line(c.Who), State: c.State, Due: c.Due.String(), Warn: c.Warning, Text: line(c.Problem)}
	switch {
	case !c.Local.IsZero():
		out.Local = c.Local.Format("Mon 2 Jan 2006 15:04 MST")
	case len(c.Starts) > 0:
		out.Text = cmp.Or(out.Text, line("begins with "+projection.Some(c.Starts, 5)))
	}
	return out
}

func rowOf(r projection.Row) Row {
	out := Row{
		ID: line(r.Run), Exercise: r.Exercise != "", Title: line(cmp.Or(r.Title, r.Runbook)), Status: string(r.Status), Incident: each.Of(r.About, line),
		Started: r.Started.String(), Ended: r.Ended.String(), Text: line("by " + r.By),
	}
	for _, w := range r.Waiting[:min(len(r.Waiting), 5)] {
		who := projection.Some(w.Roles, 5)
		out.Waiting = append(out.Waiting, line(w.Title+" ("+string(w.For)+"): "+cmp.Or(who, "anybody")))
	}
	return out
}

func lookOf(l projection.Look) Row {
	what := l.Action
	if l.Target != "" {
		what += " on " + l.Target
	}
	return Row{ID: line(l.Run), Title: line(cmp.Or(what, l.Path)), Status: string(l.State), Started: l.Since.String(), Ended: at(l.Expires.Time), Text: line(l.Path)}
}

func entryOf(seq int64, run string, e projection.Entry) Entry {
	return Entry{Seq: seq, Run: line(run), Time: e.Time.String(), Path: line(e.Path), Word: line(e.Word), Status: e.Status, By: line(e.By), Text: line(e.Text)}
}

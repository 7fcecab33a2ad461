package projection

import (
	"strconv"

	"github.com/irctl/irctl/pkg/event"
)

// Custody is what a run has as evidence and who was given it, as its journal
// says: what people added, what they handed in for steps, what steps collected,
// and what was kept of their output. [Custody.Add] folds it.
type Custody struct {
	Run     string     `json:"run"`
	Runbook string     `json:"runbook"`
	Entries int64      `json:"entries"` // of the journal that were read
	Items   []Evidence `json:"items"`
	// Strays are hand-overs of what is not in the list.
	Strays []HandOver `json:"strays,omitempty"`

	actions map[string]string // step -> what its last attempt uses
}

// Evidence is one piece. Its ID is the number of the entry that names it, with
// its place in that entry from the second on: "17", "17.2". It never changes.
type Evidence struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`             // added, handed in, collected, output
	Step   string `json:"step"`             // "" if it is of none
	Digest string `json:"sha256"`           // "" if it was lost
	Size   int64  `json:"size"`             // bytes
	Lost   string `json:"lost,omitempty"`   // why there are no bytes
	Folder string `json:"folder,omitempty"` // where it lies, if not beside the journal
	// What is known of where it is from. A file's own time is that of its last change.
	From      string     `json:"from,omitempty"`
	Source    string     `json:"source,omitempty"`
	Method    string     `json:"method"`
	Note      string     `json:"note,omitempty"`
	Changed   string     `json:"changed,omitempty"`
	Modified  Time       `json:"modified,omitzero"`
	Begun     Time       `json:"begun,omitzero"`
	Collected Time       `json:"collected"`
	By        string     `json:"by"` // "" is irctl, by the runbook
	HandOvers []HandOver `json:"hand_overs"`
}

// HandOver says that a piece of evidence was given to somebody.
type HandOver struct {
	Time   Time   `json:"time"`
	Entry  int64  `json:"entry"`
	Item   string `json:"item"`
	By     string `json:"by"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

// The action whose outputs name pieces that lie elsewhere.
const collects = "evidence.collect"

// Add takes up the next event of the journal, and the number of its entry.
func (c *Custody) Add(seq int64, e event.Event) {
	c.Entries = seq
	switch b := e.Body.(type) {
	case event.RunStarted:
		c.Run, c.Runbook, c.actions = b.Run, b.Runbook, map[string]string{}
	case event.AttemptStarted:
		if c.actions != nil {
			c.actions[e.Path] = b.Action
		}
	case event.EvidenceHandedOver:
		c.handOver(HandOver{Time{e.Time}, seq, b.Item, Who(e.By), b.To, b.Reason}, b.Digest)
		return
	}
	n := 0
	add := func(item Evidence) {
		if n++; n > 1 {
			item.ID = "." + strconv.Itoa(n)
		}
		item.ID = strconv.FormatInt(seq, 10) + item.ID
		item.Step, item.By, item.HandOvers = e.Path, Who(e.By), []HandOver{}
		if item.Collected.IsZero() {
			item.Collected = Time{e.Time}
		}
		c.Items = append(c.Items, item)
	}
	for _, a := range Artifacts(e.Body) {
		item := Evidence{Name: a.Name, Digest: a.Digest, Size: a.Size, Lost: a.Lost, Kind: "output", Method: "kept of what the step printed or fetched"}
		if b, added := e.Body.(event.EvidenceAdded); added {
			item.Kind, item.Method = "added", b.Method
			item.From, item.Source, item.Note, item.Changed = b.From, b.Source, b.Note, b.Changed
			item.Modified, item.Begun, item.Collected = Time{b.Modified}, Time{b.Begun}, Time{b.Collected}
		} else if e.By != nil {
			item.Kind, item.Method = "handed in", "given with the answer to the step"
		}
		add(item)
	}
	if b, ok := e.Body.(event.StepSucceeded); ok && c.actions[e.Path] == collects {
		for _, item := range collected(b.Outputs) {
			add(item)
		}
	}
}

// collected are the pieces that a step took into a case, by its outputs.
func collected(outputs event.Values) (out []Evidence) {
	items, _ := outputs["items"].([]any)
	folder, _ := outputs["folder"].(string)
	for _, i := range items {
		m, _ := i.(map[string]any)
		text := func(name string) string { s, _ := m[name].(string); return s }
		size, _ := m["size"].(int64)
		out = append(out, Evidence{
			Name: text("file"), Kind: "collected", Digest: text("sha256"), Size: size, Folder: folder,
			From: text("source"), Method: "collected by " + collects + ": " + text("kind"),
		})
	}
	return out
}

func (c *Custody) handOver(h HandOver, digest string) {
	if i := c.Find(h.Item); i != nil && i.Digest == digest {
		i.HandOvers = append(i.HandOvers, h)
		return
	}
	c.Strays = append(c.Strays, h)
}

// Find returns the piece with an ID, nil if there is none.
func (c *Custody) Find(id string) *Evidence {
	for i := range c.Items {
		if c.Items[i].ID == id {
			return &c.Items[i]
		}
	}
	return nil
}

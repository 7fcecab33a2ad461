package actiontest

import "sync"

// Fault is what becomes of one interaction with a stand-in.
type Fault int

// The faults.
const (
	None       Fault = iota // the stand-in carries it out and answers
	Lost                    // it is not carried out, and the connection ends
	Unanswered              // it is carried out, and the connection ends before the answer
	Refused                 // who asks lacks the right, and is told so
)

// Faults counts the interactions with a stand-in and breaks one of them. The
// zero value breaks none; it may be used from several goroutines.
type Faults struct {
	mu      sync.Mutex
	changes []bool // of each interaction so far, whether it changes the system
	at      int    // which one breaks, from 1; 0 is none
	fault   Fault
	dead    bool // all later ones are lost too
}

// Next is asked by the stand-in once for each interaction, before it carries
// it out: a sign-in, a query, a command, a file read or written. Changes says
// whether it would change the system.
func (f *Faults) Next(changes bool) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, changes)
	switch n := len(f.changes); {
	case f.at == 0 || n < f.at:
		return None
	case n == f.at:
		return f.fault
	case f.dead:
		return Lost
	}
	return None
}

// plan forgets what was counted, and has the n-th interaction from now break.
func (f *Faults) plan(n int, fault Fault, dead bool) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes, f.at, f.fault, f.dead = nil, n, fault, dead
}

// counted says of each interaction since the last plan whether it changes.
func (f *Faults) counted() []bool {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]bool(nil), f.changes...)
}

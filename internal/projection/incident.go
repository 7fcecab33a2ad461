package projection

// Incident is all that the runs of a home say of one incident.
type Incident struct {
	Incident  string     `json:"incident"`
	Runs      []Row      `json:"runs"`      // oldest first; each says whom it waits for
	Contained []Look     `json:"contained"` // what is contained now, and by which run
	Timeline  []RunEntry `json:"timeline"`  // of all runs, in order of time
}

// RunEntry is an entry of one of several runs.
type RunEntry struct {
	Run string `json:"run"`
	Entry
}

package projection

import (
	"fmt"
	"time"
)

// Claim is a target that another run, which has not ended, has changed, relies on
// or will change.
type Claim struct {
	Target string    `json:"target"`
	How    string    `json:"how"` // "has changed", "relies on", "will change"
	Run    string    `json:"run"`
	Name   string    `json:"name"`  // of the run, for people
	Since  time.Time `json:"since"` // when it was changed first, or the run began
	By     string    `json:"by"`    // who started the run, "" if nobody knows
	Shared bool      `json:"shared"`
}

// String says who claims what, in a line.
func (c Claim) String() string {
	by := ""
	if c.By != "" {
		by = ", started by " + c.By
	}
	return fmt.Sprintf("%s %s %s, since %s%s", c.Name, c.How, c.Target, c.Since.UTC().Format("2006-01-02 15:04 UTC"), by)
}

package fitting

import "github.com/irctl/irctl/internal/finding"

var codes = finding.Unshown("it takes an environment beside the runbook, which `irctl validate --env NAME` has")

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

package connector

import (
	"embed"

	"github.com/irctl/irctl/internal/finding"
)

// examples show the findings; a test holds them against what is found.
//
//go:embed *.txtar
var examples embed.FS

var codes = finding.NewSet(examples)

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

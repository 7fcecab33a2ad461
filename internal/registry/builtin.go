package registry

import (
	"github.com/irctl/irctl/internal/actions/assert"
	"github.com/irctl/irctl/internal/actions/exec"
	"github.com/irctl/irctl/internal/actions/file"
	"github.com/irctl/irctl/internal/actions/http"
)

// Builtin returns a registry of the actions that irctl comes with.
func Builtin() *Registry {
	return New(
		// general
		assert.Assert(),
		exec.Exec(),
		file.Write(),
		http.Request(),
	)
}

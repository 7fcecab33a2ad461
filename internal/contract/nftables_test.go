package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/host"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// filtered is a machine whose packet filter may hold irctl's table. Its nft
// lists a table as it was loaded.
type filtered struct {
	machine
	table string
}

func startFilter(t *testing.T, a action.Action) actiontest.StandIn {
	if strings.HasPrefix(a.Spec().Name, "block.") {
		return startSets(t, a)
	}
	s := &filtered{}
	s.program, s.changes = s.run, func(argv []string) bool {
		return argv[0] == "nft" && slices.Contains(argv, "--file") && !slices.Contains(argv, "--check")
	}
	given := map[string]any{"keep": []any{"192.0.2.7:22"}}
	s.req = request(t, a, "nftables", nil, given)
	if a.Spec().Name == "host.release" {
		_, err := host.Isolate().Run(hurry(t.Context(), s), request(t, host.Isolate(), "nftables", nil, given), &actiontest.Sink{})
		require.NoError(t, err)
	}
	return s
}

func (s *filtered) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table
}

// run is nft, or unshare with an nft of its own.
func (s *filtered) run(argv []string, stdin string) (string, string, int) {
	switch command := strings.Join(argv, " "); {
	case argv[0] == "unshare":
		return stdin, "", 0
	case argv[0] != "nft" || slices.Contains(argv, "--check"):
		return "", "", 0
	case s.changes(argv):
		table, ok := strings.CutPrefix(stdin, "add table inet irctl\ndelete table inet irctl\n")
		if !ok {
			return "", fmt.Sprintf("Error: syntax error in %q", stdin), 1
		}
		s.table = table
		return "", "", 0
	case strings.HasSuffix(command, "list table inet irctl"):
		return s.table, "", 0
	case s.table == "":
		return "table inet usual\n", "", 0
	}
	return "table inet usual\ntable inet irctl\n", "", 0
}

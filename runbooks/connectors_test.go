package runbooks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector/trial"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/runbooks"
)

// Each connector is played in all its cases, with everything that can befall a
// request, against its vendor's description.
func TestConnectors(t *testing.T) {
	for _, name := range runbooks.Connectors() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := runbooks.Connector(name + ".yaml")
			require.NoError(t, err)
			s, found, err := trial.Load("connectors/"+name+".yaml", src, runbooks.Connector)
			require.NoError(t, err)
			if s != nil {
				found = append(found, s.By.Check(registry.Builtin().Spec, registry.Builtin().Names())...)
			}
			var text strings.Builder
			require.NoError(t, found.Render(&text, map[string][]byte{"connectors/" + name + ".yaml": src}))
			require.Empty(t, text.String())
			require.Equal(t, name, s.By.Name.Value)
			results, err := s.Try(t.Context(), registry.Builtin())
			require.NoError(t, err)
			for _, r := range results {
				t.Logf("%s: %d ways", r.Case, r.Tried)
				for _, p := range r.Problems {
					t.Errorf("%s: %s", r.Case, p)
				}
			}
		})
	}
}

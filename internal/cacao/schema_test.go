package cacao_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
)

// TestOneMistakeIsOneFinding: a step whose identifier is none is still that
// step for all that leads to it.
func TestOneMistakeIsOneFinding(t *testing.T) {
	src, err := os.ReadFile(data + "/ok/small.json")
	require.NoError(t, err)
	var ids []string
	pb, _ := cacao.Parse("small.json", src)
	for _, s := range pb.Steps {
		ids = append(ids, s.ID.Value)
	}
	for _, id := range ids {
		kind, _, _ := strings.Cut(id, "--")
		text := strings.ReplaceAll(string(src), id, kind+"--a")
		_, found := cacao.Parse("small.json", []byte(text))
		require.Len(t, found, 1, "%s\n%s", id, rendered(t, "small.json", []byte(text), found))
	}
}

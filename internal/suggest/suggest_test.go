package suggest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/suggest"
)

func TestNear(t *testing.T) {
	known := []string{"title", "target", "timeout", "uses"}
	got := map[string]string{}
	for _, word := range []string{"tilte", "Target", "timeuot", "use", "usse", "colour", "", "title"} {
		got[word] = suggest.Near(word, known)
	}
	require.Equal(t, map[string]string{"tilte": "title", "Target": "target", "timeuot": "timeout", "use": "uses", "usse": "uses", "colour": "", "": "", "title": ""}, got)
}

func TestDidYouMean(t *testing.T) {
	require.Equal(t, "did you mean `title`?", suggest.DidYouMean("tilte", []string{"title"}))
	require.Equal(t, "", suggest.DidYouMean("colour", []string{"title"}))
}

func TestOnly(t *testing.T) {
	require.Equal(t, "title", suggest.Only("tilte", []string{"title", "target"}))
	require.Equal(t, "", suggest.Only("mail-c", []string{"mail-a", "mail-b"}), "either may be meant")
	require.Equal(t, "", suggest.Only("colour", []string{"title"}))
	require.Equal(t, "", suggest.Only("a", []string{"b"}), "everything is near to a letter")
}

// TestKeyIsCertainOnlyWhereNoOtherIsMeant: two keys that would become one are
// left to the author.
func TestKeyIsCertainOnlyWhereNoOtherIsMeant(t *testing.T) {
	known := []string{"on_failure", "timeout", "retry"}
	for _, c := range []struct {
		word, want string
		keys       []string
	}{
		{"on_failur", "on_failure", []string{"id", "on_failur"}},
		{"on_failur", "", []string{"on_failur", "onfailure"}},
		{"onfailure", "", []string{"on_failur", "onfailure"}},
		{"timout", "", []string{"timeout", "timout"}},
		{"timout", "timeout", []string{"timout", "retri"}},
	} {
		require.Equal(t, c.want, suggest.Key(c.word, known, c.keys), c)
	}
}

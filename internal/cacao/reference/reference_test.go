package reference_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao/reference"
)

func knows(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

func TestWhichNameIsMeant(t *testing.T) {
	for _, c := range []struct {
		text  string
		known []string
		want  []reference.Place
	}{
		{"", nil, nil},
		{"__a__", knownNames("__a__"), nil},
		{":value", nil, nil},
		{"____:value __1__:value", nil, nil},
		{"ls __a__:value", nil, []reference.Place{{"__a__", 3, 14}}},
		{"__a____a__:value", knownNames("__a__"), []reference.Place{{"__a__", 5, 16}}},
		{"__a____a__:value", knownNames("__a____a__"), []reference.Place{{"__a____a__", 0, 16}}},
		{"__a____a__:value", knownNames("__a__", "__a____a__"), []reference.Place{{"__a____a__", 0, 16}}},
		{"__a____a__:value", nil, []reference.Place{{"__a____a__", 0, 16}}},
		{"__a__:value__a__:value", knownNames("__a__"), []reference.Place{{"__a__", 0, 11}, {"__a__", 11, 22}}},
		{"x__a__:value", knownNames("__a__"), []reference.Place{{"__a__", 1, 12}}},
		{"__no.such__:value", nil, []reference.Place{{"__no.such__", 0, 17}}},
		{"__a__x__:value", knownNames("__x__", "__a__x__"), []reference.Place{{"__a__x__", 0, 14}}},
		{"__b__x__:value", knownNames("__x__", "__a__x__"), []reference.Place{{"__x__", 3, 14}}},
		{"__a__ __a__:valu ___:value", knownNames("__a__"), nil},
		{"__1x__:value :value", nil, nil},
		{"__a-b__:value", nil, []reference.Place{{"__a-b__", 0, 13}}},
	} {
		require.Equal(t, c.want, reference.Find(c.text, knows(c.known...)), "%s with %v", c.text, c.known)
	}
}

func knownNames(names ...string) []string { return names }

func TestWhatIsNamedButNotRead(t *testing.T) {
	known := knows("__a__", "__b__")
	require.Equal(t, []reference.Place{{"__a__", 5, 10}, {"__b__", 22, 27}}, reference.Unread("echo __a__ __a__:value__b__ __c__", known))
	require.Equal(t, []reference.Place{{"__a__", 0, 5}}, reference.Unread("__a____b__:value", known))
	require.Empty(t, reference.Unread("__a__:value", known))
}

func TestWhole(t *testing.T) {
	for text, want := range map[string]bool{"__a__:value": true, "__a____b__:value": true, "__a__": false, " __a__:value": false, "__a__:value ": false, "__a__:value__b__:value": false, "": false} {
		require.Equal(t, want, reference.Whole(text, nil), text)
	}
	require.False(t, reference.Whole("__a____b__:value", knows("__b__")))
}

// FuzzFind: places are in order and inside the text, and whoever knows only
// the names that were found finds the same.
func FuzzFind(f *testing.F) {
	f.Add("x__a____b__:value __c__:value", "__b__ __c__")
	f.Add("__a__:value__a__:value", "__a__")
	f.Add(strings.Repeat("__a", 200)+"__:value", "__a__a__")
	f.Fuzz(func(t *testing.T, text, names string) {
		known := knows(strings.Fields(names)...)
		found := reference.Find(text, known)
		at := 0
		for _, p := range found {
			if p.Start < at || p.End > len(text) || text[p.Start:p.End] != p.Name+reference.Keyword {
				t.Fatalf("%v is not a place in %q", p, text)
			}
			at = p.End
		}
		var among []string
		for _, name := range reference.Names(text, known) {
			if known(name) {
				among = append(among, name)
			}
		}
		require.Equal(t, found, reference.Find(text, knows(among...)))
	})
}

package stix_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao/stix"
	"github.com/irctl/irctl/internal/expr"
)

var update = flag.Bool("update", false, "rewrite testdata/conditions.txt")

// types and values are the variables of the conditions in this file.
var (
	types = map[string]string{
		"__text__": "string", "__empty__": "string", "__unknown__": "string", "__count__": "integer", "__ratio__": "float", "__go__": "bool",
		"__ip__": "ipv4-addr", "__six__": "ipv6-addr", "__hash__": "sha256-hash", "__hex__": "hexstring", "__when__": "string", "__number__": "string", "__map__": "dictionary", "__long__": "long",
	}
	values = map[string]any{
		"__text__": "web server's 1", "__empty__": "", "__unknown__": nil, "__count__": int64(10), "__ratio__": 0.5, "__go__": true, "__ip__": "203.0.113.7",
		"__six__": "2001:DB8::1", "__hash__": strings.Repeat("AB", 32), "__hex__": "AB01", "__when__": "2026-03-01T14:30:00Z", "__number__": "9", "__long__": "9223372036854775806", "__map__": map[string]any{"a": "b"},
	}
)

func lookup(name stix.Operand) (stix.Known, *stix.Problem) {
	kind, ok := types[name.Text]
	if !ok {
		return stix.Known{}, &stix.Problem{Start: name.Start, End: name.End, Message: "not declared"}
	}
	path := "vars." + strings.Trim(name.Text, "_")
	known := stix.Known{Expr: path, Type: kind, Given: path}
	if values[name.Text] == nil {
		known.Expr = "known(" + path + ")"
	}
	return known, nil
}

// TestConditions reads, translates and evaluates every condition of
// testdata/conditions.txt. Under each stands what came of it.
func TestConditions(t *testing.T) {
	const path = "testdata/conditions.txt"
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(string(src), "\n"), "\n") {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		out.WriteString(line + "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			out.WriteString(result(line))
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o644))
		return
	}
	require.Equal(t, string(src), out.String())
}

func result(condition string) string {
	text, problems := stix.Translate(condition, lookup)
	var out strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&out, "    %d-%d %s\n", p.Start, p.End, strings.TrimSuffix(p.Message+"; "+p.Hint, "; "))
	}
	if len(problems) > 0 {
		return out.String()
	}
	v, _, err := expr.NewEvaluator().Eval(text, func(name string) (any, bool) {
		value, ok := values["__"+strings.TrimPrefix(name, "vars.")+"__"]
		return value, ok
	})
	fmt.Fprintf(&out, "    %s\n", text)
	if err != nil {
		_, why, _ := strings.Cut(err.Error(), "failed: ")
		return out.String() + "    fails: " + why + "\n"
	}
	return out.String() + fmt.Sprintf("    %v\n", v)
}

func TestConditionsAreBounded(t *testing.T) {
	_, problems := stix.Translate(strings.Repeat("(", 10_000)+"__x__:value", lookup)
	require.Len(t, problems, 1)
	_, problems = stix.Translate(strings.Repeat("NOT ", 1_000)+"__x__:value", lookup)
	require.Len(t, problems, 1)
	_, problems = stix.Translate("__x__:value IN ("+strings.Repeat("'a',", 2_000)+"'a')", lookup)
	require.Len(t, problems, 1)
}

// FuzzCondition holds that every text is either refused at a place inside it,
// or translated to an expression that the language can read.
func FuzzCondition(f *testing.F) {
	src, err := os.ReadFile("testdata/conditions.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(src), "\n") {
		f.Add(strings.TrimSpace(line))
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, problems := stix.Translate(text, lookup)
		for _, p := range problems {
			if p.Start < 0 || p.End < p.Start || p.End > len(text) || p.Message == "" {
				t.Fatalf("a problem outside of its text: %+v", p)
			}
		}
		if len(problems) > 0 || len(out) > 8<<10 || strings.Count(text, ":value") > 40 {
			return
		}
		if _, err := expr.Dynamic(out); err != nil {
			t.Fatalf("%q became %q: %v", text, out, err)
		}
	})
}

package expr_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// symbols is a fixed runbook's worth of names.
type symbols map[string]expr.Type

var names = symbols{
	"inputs.name": expr.String, "inputs.n": expr.Int, "inputs.f": expr.Float, "inputs.ok": expr.Bool,
	"inputs.wait": expr.Duration, "inputs.at": expr.Time, "inputs.accounts": {Of: action.List, Items: action.String},
	"inputs.things": {Of: action.List}, "inputs.labels": {Of: action.Map, Items: action.String}, "inputs.config": {Of: action.Map},
	"steps.open-investigation.status": expr.String, "steps.open-investigation.outputs.case": expr.String,
	"steps.in.status": expr.String, "steps.website.attempts": expr.Int, "vars.count": expr.Int,
	"run.started": expr.Time, "env.region": expr.String, "account": expr.String, "attempt": expr.Int, "error.message": expr.String,
}

func (s symbols) Lookup(name []string) (expr.Type, *expr.Miss) {
	if t, ok := s[strings.Join(name, ".")]; ok {
		return t, nil
	}
	if name[0] == "steps" {
		return expr.Type{}, &expr.Miss{
			Segment: 1, Message: "there is no step `" + name[1] + "`",
			Hint: suggest.DidYouMean(name[1], []string{"open-investigation", "website", "in"}),
		}
	}
	return expr.Type{}, &expr.Miss{Segment: len(name) - 1, Message: "there is no `" + strings.Join(name, ".") + "`"}
}

var values = map[string]any{
	"inputs.name": "dana", "inputs.n": int64(3), "inputs.f": 1.5, "inputs.ok": true,
	"inputs.wait": 90 * time.Minute, "inputs.at": time.Date(2026, 3, 1, 14, 30, 0, 0, time.UTC),
	"inputs.accounts": []any{"alice", "bob"}, "inputs.things": []any{int64(1), "two", nil},
	"inputs.labels": map[string]any{"a": "1"}, "inputs.config": map[string]any{"deep": map[string]any{"er": int64(7)}},
	"steps.open-investigation.status": "succeeded", "steps.open-investigation.outputs.case": nil,
	"steps.in.status": "failed", "steps.website.attempts": int64(2), "vars.count": int64(0),
	"run.started": time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC), "env.region": "eu", "account": "alice",
	"inputs.password": action.NewSecret("canary"), "attempt": int64(1), "error.message": "timeout",
}

func resolve(name string) (any, bool) { v, ok := values[name]; return v, ok }

func TestValues(t *testing.T) {
	for text, want := range map[string]any{
		"inputs.n + 1":                                      int64(4),
		"inputs.n > 1.5":                                    true,
		"double(inputs.n) == 3.0":                           true,
		"'x' + inputs.name":                                 "xdana",
		"inputs.wait > duration('1h')":                      true,
		"inputs.wait + duration('1m')":                      91 * time.Minute,
		"inputs.at - run.started":                           30 * time.Minute,
		"inputs.at.getHours()":                              int64(14),
		"inputs.accounts.map(a, a.upperAscii())":            []any{"ALICE", "BOB"},
		"inputs.accounts.filter(a, a != account)":           []any{"bob"},
		"inputs.things.exists(t, t == 1)":                   true,
		"inputs.config.deep.er":                             int64(7),
		"inputs.labels.a":                                   "1",
		"has(inputs.labels.b)":                              false,
		"has(inputs.name)":                                  true,
		"has(steps.open-investigation.outputs.case)":        false,
		"steps.open-investigation.status == 'succeeded'":    true,
		"steps.open-investigation.outputs.case == null":     true,
		"inputs.accounts == null":                           false,
		"null != inputs.wait":                               true,
		"steps.in.status":                                   "failed",
		"steps.website.attempts-1":                          int64(1),
		"size(inputs.accounts) == 2 && inputs.ok":           true,
		"math.greatest(inputs.n, 10)":                       int64(10),
		"math.ceil(inputs.f)":                               2.0,
		"lists.range(3)":                                    []any{int64(0), int64(1), int64(2)},
		"inputs.accounts.join(', ')":                        "alice, bob",
		"inputs.name.replace('d', 'D')":                     "Dana",
		"'a-b steps.a-b'":                                   "a-b steps.a-b",
		"inputs.name.matches('^d')":                         true,
		"type(inputs.n) == int":                             true,
		"{'a': inputs.n, 'b': [inputs.f]}":                  map[string]any{"a": int64(3), "b": []any{1.5}},
		"inputs.ok ? 'yes' : 'no'":                          "yes",
		"string(inputs.n)":                                  "3",
		"'bob' in inputs.accounts":                          true,
		"inputs.accounts[1]":                                "bob",
		"attempt < 3 && error.message.contains('time')":     true,
		"inputs.accounts.sortBy(a, -size(a))[0]":            "alice",
		"steps.open-investigation . status":                 "succeeded",
		"env.region + // why not\n '!'":                     "eu!",
		"inputs.name == 'ü' || inputs.name.startsWith('d')": true,
	} {
		p, problems := expr.Compile(text, names, expr.Type{})
		require.Empty(t, problems, text)
		got, tainted, err := p.Eval(resolve)
		require.NoError(t, err, text)
		require.False(t, tainted, text)
		require.Equal(t, want, got, text)

		dynamic, err := expr.Dynamic(text)
		require.NoError(t, err, text)
		got, _, err = dynamic.Eval(resolve)
		require.NoError(t, err, text)
		require.Equal(t, want, got, "without types: %s", text)
	}
}

func TestReferences(t *testing.T) {
	p, problems := expr.Compile("inputs.accounts.exists(a, a == account) && steps.open-investigation.status != 'x'", names, expr.Bool)
	require.Empty(t, problems)
	var got []string
	for _, r := range p.References() {
		got = append(got, fmt.Sprintf("%s %s %d-%d", r.Name, r.Type, r.Start, r.End))
	}
	require.Equal(t, []string{
		"inputs.accounts a list of string 0-15",
		"account a string 31-38",
		"steps.open-investigation.status a string 43-74",
	}, got)
}

// TestProblems shows every message: the text, a caret, and what is said.
func TestProblems(t *testing.T) {
	src, err := os.ReadFile("testdata/problems.txt")
	require.NoError(t, err)
	var out strings.Builder
	for line := range strings.Lines(string(src)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "^") {
			continue
		}
		text, want := line, expr.Type{}
		if kind, rest, ok := strings.Cut(line, ": "); ok && !strings.ContainsAny(kind, " '{") {
			want, text = expr.Type{Of: action.Type(kind)}, rest
		}
		_, _, problems := new(expr.Compiler).Template("${{"+text+"}}", names, want)
		require.NotEmpty(t, problems, text)
		fmt.Fprintln(&out, line)
		indent := strings.Repeat(" ", len(line)-len(text))
		for _, p := range problems {
			start, end := p.Start-3, p.End-3
			require.GreaterOrEqual(t, start, -3, text)
			require.LessOrEqual(t, end, len(text), text)
			fmt.Fprintf(&out, "%s%s%s\n", indent, strings.Repeat(" ", max(start, 0)), strings.Repeat("^", max(1, end-start)))
			fmt.Fprintf(&out, "  %s: %s\n", p.Rule, p.Message)
			if p.Hint != "" {
				fmt.Fprintf(&out, "  -> %s\n", p.Hint)
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/problems.txt", []byte(out.String()), 0o644))
		return
	}
	require.Equal(t, string(src), out.String())
}

func TestEvalErrors(t *testing.T) {
	for text, want := range map[string]string{
		"steps.open-investigation.outputs.case + '!'": "`steps.open-investigation.outputs.case` has no value",
		"inputs.nope":              "`inputs.nope` does not exist",
		"1 / vars.count":           "division by zero",
		"inputs.accounts[7]":       "index out of bounds: 7",
		"inputs.labels['zz']":      "there is no entry: zz",
		"int(inputs.password) > 2": "a value does not fit; it involves a secret, so it is not shown",
		"inputs.name + inputs.n":   "its values have types that do not go together",
		"1.0 / 0.0":                "the result is not a finite number",
	} {
		p, err := expr.Dynamic(text)
		require.NoError(t, err, text)
		_, _, err = p.Eval(resolve)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "canary")
	}
}

// TestBounds holds expressions that would take minutes or gigabytes.
func TestBounds(t *testing.T) {
	big := strings.Repeat("x", 60_000)
	from := func(name string) (any, bool) {
		if name == "inputs.list" {
			list := make([]any, 5000)
			for i := range list {
				list[i] = big
			}
			return list, true
		}
		return big, true
	}
	for _, text := range []string{
		"inputs.big.replace('x', inputs.big)",
		"inputs.big.replace('', inputs.big, 1000000)",
		"inputs.list.join(inputs.big)",
		"lists.range(10000).map(a, lists.range(10000).map(b, lists.range(10000).map(c, a)))",
		"[inputs.big]" + strings.Repeat(".map(x, x+x)", 25) + "[0]",
		"lists.range(1000000000)",
		"inputs.list.filter(a, inputs.list.exists(b, a == b + 'x'))",
	} {
		p, err := expr.Dynamic(text)
		require.NoError(t, err, text)
		_, _, err = p.Eval(from)
		require.Error(t, err, text)
	}
	for _, text := range []string{
		strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000),
		strings.Repeat("[", 3000) + "1" + strings.Repeat("]", 3000),
		"1" + strings.Repeat("+1", 4000),
		"[1]" + strings.Repeat(".map(x,[x])", 700),
		strings.Repeat("x", 20_000),
		"lists.range(9).map(a, lists.range(9).map(b, lists.range(9).map(c, lists.range(9).map(d, a))))",
	} {
		_, problems := expr.Compile(text, names, expr.Type{})
		require.NotEmpty(t, problems, text[:40])
	}
}

func TestTemplates(t *testing.T) {
	var e expr.Evaluator
	for text, want := range map[string]any{
		"plain":                      "plain",
		"${{ inputs.n }}":            int64(3),
		" ${{ inputs.accounts }} ":   []any{"alice", "bob"},
		"a ${{ inputs.n }} b":        "a 3 b",
		"${{inputs.n}}${{inputs.f}}": "31.5",
		"for ${{ inputs.wait }}":     "for 1h30m",
		"at ${{ inputs.at }}":        "at 2026-03-01T14:30:00Z",
		"to ${{ inputs.accounts }}":  `to ["alice","bob"]`,
		"no ${{ steps.open-investigation.outputs.case }}.": "no .",
		"$${{ x }} ${{ inputs.n }}":                        "${{ x }} 3",
		"$${{ x }}":                                        "${{ x }}",
		"${{ {'a': {'b': 1}} }}":                           map[string]any{"a": map[string]any{"b": int64(1)}},
		"${{ '}}' }}":                                      "}}",
		"cost $5 {{ no }} }}":                              "cost $5 {{ no }} }}",
		"Bearer ${{ inputs.password }}":                    action.NewSecret("Bearer canary"),
		"${{ inputs.password }}":                           action.NewSecret("canary"),
		"${{ size(inputs.password) }}":                     action.NewSecret(int64(6)),
	} {
		got, tainted, err := e.Value(map[string]any{"k": []any{text, true}}, resolve)
		require.NoError(t, err, text)
		require.Equal(t, map[string]any{"k": []any{want, true}}, got, text)
		require.Equal(t, strings.Contains(text, "password"), tainted, text)
	}
}

func TestTyped(t *testing.T) {
	require.Equal(t, 90*time.Second, expr.Typed("1m30s", expr.Duration))
	require.Equal(t, []any{time.Minute}, expr.Typed([]any{"1m"}, expr.Type{Of: action.List, Items: action.Duration}))
	require.Equal(t, 2.0, expr.Typed(int64(2), expr.Float))
	require.Equal(t, "x", expr.Typed("x", expr.Duration))
	require.Nil(t, expr.Typed(nil, expr.Duration))
}

func TestConcurrentUse(t *testing.T) {
	var e expr.Evaluator
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 50 {
				v, _, err := e.Value(fmt.Sprintf("${{ inputs.n + %d }}", i%7), resolve)
				if err != nil || v != int64(3+i%7) {
					t.Errorf("got %v, %v", v, err)
				}
			}
		})
	}
	group.Wait()
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"inputs.n + 1", "steps.a-b.outputs.c == 'x'", "has(inputs.labels.b)", "'", "steps['a']", "x ? y : z", "inputs.accounts.map(a, a)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, problems := expr.Compile(text, names, expr.Type{})
		for _, pr := range problems {
			if pr.Start < 0 || pr.Start > pr.End || pr.End > len(text) {
				t.Fatalf("%q: a problem outside its text: %+v", text, pr)
			}
		}
		if p != nil {
			for _, r := range p.References() {
				if r.Start < 0 || r.End > len(text) || r.Start >= r.End {
					t.Fatalf("%q: a reference outside its text: %+v", text, r)
				}
			}
			_, _, _ = p.Eval(resolve)
		}
		_, _, _ = new(expr.Compiler).Template(text, names, expr.Type{})
	})
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, problems := expr.Compile("steps.open-investigation.status == 'succeeded' && inputs.n > 3", names, expr.Bool); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	p, err := expr.Dynamic("steps.open-investigation.status == 'succeeded' && inputs.n > 3")
	require.NoError(b, err)
	for b.Loop() {
		if _, _, err := p.Eval(resolve); err != nil {
			b.Fatal(err)
		}
	}
}

// TestKnownAndNetworks: what the language has beside CEL.
func TestKnownAndNetworks(t *testing.T) {
	values := func(name string) (any, bool) {
		v, ok := map[string]any{"vars.none": nil, "vars.host": "203.0.113.7", "vars.six": "2001:DB8::1", "vars.word": "web"}[name]
		return v, ok
	}
	for text, want := range map[string]any{
		"known(vars.host) == '203.0.113.7'": true, "net.within(vars.host, '203.0.113.0/24')": true, "net.within('203.0.113.0/24', vars.host)": false,
		"net.within(vars.six, '203.0.113.0/24')": false, "net.same(vars.six, '2001:db8:0::1')": true, "net.same('10.1.2.3/8', '10.0.0.0/8')": true,
		"known(vars.none) == 'x'":        "the value is not known (null)",
		"net.within(vars.word, '::/0')":  "\"web\" is neither an address nor a network",
		"net.same('fe80::1%eth0', '::')": "is neither an address nor a network",
	} {
		v, _, err := expr.NewEvaluator().Eval(text, values)
		if why, fails := want.(string); fails {
			require.ErrorContains(t, err, why, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, v, text)
	}
}

// TestTheSameExpressionOfSeveralIsBlamed: nobody reads another reason each time.
func TestTheSameExpressionOfSeveralIsBlamed(t *testing.T) {
	raw := map[string]any{}
	for _, name := range []string{"c", "a", "d", "b"} {
		raw[name] = "${{ vars." + name + " }}"
	}
	for range 20 {
		_, _, err := expr.NewEvaluator().Value(raw, func(string) (any, bool) { return nil, false })
		require.ErrorContains(t, err, "vars.a")
	}
}

// TestTargetsAreNamedByPlainText: who reads an expression sees which are meant,
// and whoever resolves names is asked for them once.
func TestTargetsAreNamedByPlainText(t *testing.T) {
	p, err := expr.Dynamic("targets('group:web, zone = dmz').filter(t, t != 'b') + targets(\"zone=dmz\")")
	require.NoError(t, err)
	require.Equal(t, "targets.group=web,zone=dmz", p.References()[0].Name)
	got, _, err := p.Eval(func(name string) (any, bool) {
		return map[string]any{"targets.group=web,zone=dmz": []any{"a", "b"}, "targets.zone=dmz": []any{"c"}}[name], true
	})
	require.NoError(t, err)
	require.Equal(t, []any{"a", "c"}, got)
	for _, text := range []string{"targets()", "targets(inputs.x)", "targets('a=b', 'c=d')", "targets('zone')", "targets('a=' + 'b')"} {
		_, err := expr.Dynamic(text)
		require.Error(t, err, text)
	}
}

// What a system answers may be deep and long: CEL, left to itself, took a value
// that is nested more than five deep for endless.
func TestDeepAndLongValuesAreWorkedOn(t *testing.T) {
	var deep any = "end"
	for range 48 {
		deep = map[string]any{"a": []any{deep}}
	}
	long := make([]any, 20_000)
	for i := range long {
		long[i] = map[string]any{"id": int64(i), "of": map[string]any{"name": "alice"}}
	}
	found := map[string]any{"deep": deep, "long": long}
	from := func(string) (any, bool) { return found, true }
	for text, want := range map[string]any{
		"found == null": false, "found != null && found.long.exists(l, l.id == 19999)": true, "found.deep.a[0].a.size()": int64(1),
		"found.long.filter(l, l.of.name == 'bob').size()": int64(0),
	} {
		p, err := expr.Dynamic(text)
		require.NoError(t, err)
		got, _, err := p.Eval(from)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

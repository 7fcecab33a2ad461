package check

import (
	"strconv"
	"strings"
)

// head begins a runbook that the review has nothing against.
const head = "irctl: v1\nname: x\ntitle: X\nowner: oncall@example.com\n"

// steps begins a runbook that goes on with steps.
const steps = head + "steps:\n"

// many is more of anything than a file has room for.
const many = 200_000

// HostileRunbooks returns files that are runbooks as the language allows them, or
// nearly so. Each is made against one thing that rules do: look a name up, hold
// steps against each other, read an expression, find a place.
func HostileRunbooks() []hostileFile {
	out := hostileMistaken()
	for _, some := range [][]hostileFile{hostilePlain(), hostileExpressions(), hostileTexts(), hostileNames(), hostileNested(), hostileValues(), hostileOrdered()} {
		out = append(out, some...)
	}
	return out
}

// hostilePlain are runbooks of which nothing is wrong but that they are long.
func hostilePlain() []hostileFile {
	return []hostileFile{
		numbered("plain-waits", steps, many, "- wait: 1s\n"),
		numbered("plain-stops", steps, many, "- stop: failed\n"),
		numbered("plain-ten-thousand", steps, 10_000, "- {id: s@, wait: 1s}\n"),
		numbered("plain-uses", steps, many, "- id: s@\n  uses: http\n  timeout: 2m\n  with: {url: https://example.com/@}\n"),
		numbered("plain-compared", steps+"- {id: s, wait: 1s}\n", many, "- wait: 1s\n  when: steps.s.status == 'succeeded' && steps.s.attempts < @\n"),
		numbered("plain-manual", steps, many, "- {manual: a, owner: b, timeout: 1h}\n"),
		numbered("plain-inputs", head+"steps: [{manual: a}]\ninputs:\n", many, "  a@: {type: string}\n"),
		numbered("plain-outputs", steps, many, "- {manual: a, outputs: {a@: string, b@: int}}\n"),
	}
}

// hostileMistaken have the same mistake thousands of times.
func hostileMistaken() []hostileFile {
	return []hostileFile{
		numbered("unknown-steps", steps, many, "- {id: s@, manual: \"${{ steps.zz@.status }}\"}\n"),
		numbered("unknown-vars", steps, many, "- {set: {v@: 1}}\n- {manual: \"${{ vars.zz@ }}\"}\n"),
		numbered("unknown-jumps", steps, many, "- {id: s@, wait: 1s, next: zz@}\n"),
		numbered("unknown-inputs", steps, many, "- {uses: email.suspend, target: a, with: {zz@: 1}}\n"),
		numbered("unknown-actions", steps, many, "- {uses: email.suspenx@, target: a}\n"),
		numbered("unknown-keys-of-one", steps+"- uses: email.suspend\n  target: a\n  with:\n", many, "    zz@: 1\n"),
		numbered("unknown-outputs", steps+"- id: m\n  manual: a\n  outputs: {"+joined(10_000, "o@: string, ")+"}\n", 400, "- manual: \"${{ steps.m.outputs.zz@ }}\"\n"),
		numbered("same-ids", steps, many, "- {id: a, wait: 1s}\n"),
	}
}

// hostileExpressions are hard on what reads expressions.
func hostileExpressions() []hostileFile {
	one := func(name, expression string) hostileFile {
		return numbered(name, head+"inputs: {a: {type: int}, s: {type: string}, l: {type: list}, m: {type: map}}\nsteps:\n", many, "- wait: 1s\n  when: "+expression+"\n")
	}
	return []hostileFile{
		one("expressions-different", "inputs.a + @ > 3"),
		one("expressions-same", "inputs.a + 1 > 3"),
		one("expressions-long", "\"inputs.a + @ > "+strings.Repeat("1 + ", 1900)+"1\""),
		one("expressions-nested", "\"inputs.l.exists(x, inputs.l.exists(y, inputs.l.exists(z, "+strings.Repeat("x == y || ", 300)+"x == @)))\""),
		one("expressions-parentheses", "\""+strings.Repeat("(", 50)+"inputs.a + @"+strings.Repeat(")", 50)+" > 1\""),
		one("expressions-lists", "\"inputs.a + @ in ["+strings.Repeat("1, ", 1900)+"1]\""),
		one("expressions-broken", "inputs.a + @ >"),
		one("expressions-patterns", "\"inputs.s.matches('(((a{1,10}){1,10}){1,9})@')\""),
		one("expressions-many-patterns", "\""+strings.Repeat("inputs.s.matches('(a{1,30}){1,30}') || ", 180)+"inputs.a == @\""),
		one("expressions-texts", "\"inputs.s == '"+strings.Repeat("\u00e9", 3500)+"@'\""),
		one("expressions-many-names", "\""+joined(40, "inputs.m.x@ + inputs.m.y@ + ")+"@ == 1\""),
		one("expressions-chains", "\"inputs.m"+strings.Repeat(".a", 50)+" == @\""),
		one("compared-many", "\""+joined(15, "inputs.a != @ && ")+"inputs.a != 4\""),
		numbered("expressions-in-one-text", head+"inputs: {a: {type: int}}\nsteps:\n- manual: \"", many, "${{inputs.a+@}}"),
		numbered("expressions-in-a-list", head+"inputs: {a: {type: int}}\nsteps:\n- set:\n    v:\n", many, "    - ${{ inputs.a + @ }}\n"),
	}
}

// hostileTexts are one text, nearly a megabyte long.
func hostileTexts() []hostileFile {
	manual := head + "inputs: {a: {type: int}, secret: {type: string, secret: true}}\nsteps:\n- manual: \""
	closed := func(f hostileFile) hostileFile {
		return hostileFile{f.Name, append(f.Text[:min(len(f.Text), Size-2)], '"', '\n')}
	}
	long := strings.Repeat("word ", 180_000)
	return []hostileFile{
		closed(fill("text-names", manual, "${{inputs.a}} ")),
		closed(fill("text-loops", head+"steps:\n- manual: \"", "${{a}}")),
		closed(fill("text-escaped", manual, "$${{")),
		closed(fill("text-dollars", manual, "$")),
		closed(fill("text-open", manual, "${{ ")),
		closed(fill("text-open-quotes", manual, "${{ ' ")),
		closed(fill("text-braces", manual+"${{ ", "{")),
		closed(fill("text-empty", manual, "${{}}")),
		closed(fill("text-secrets", manual, "${{inputs.secret}}")),
		closed(fill("text-comments", manual+"${{ ", "//")),
		closed(numbered("text-far", manual+long, 10_000, "${{x@}}")),
		closed(numbered("text-far-lines", strings.TrimSuffix(manual, `"`)+"|\n    "+strings.ReplaceAll(long[:700_000], "word word ", "word\n    "), 10_000, "${{x@}}")),
		closed(fill("text-shell", head+"inputs: {a: {type: string}}\nsteps:\n- uses: exec\n  with:\n    shell: \"", "${{inputs.a}}")),
		closed(fill("text-loop-mentions", head+"inputs: {l: {type: list}}\nsteps:\n- foreach: ${{ inputs.l }}\n  as: i\n  max_parallel: 2\n  do:\n  - uses: website.suspend\n    target: a\n    with:\n      message: \"${{ inputs.l }}", " word")),
		closed(fill("text-to-do", steps+"- manual: \"TOD", " TODO")),
		closed(fill("text-mixed-alphabets", steps+"- manual: \"", "p\u0430 ")),
		closed(fill("text-greek", steps+"- manual: \"", "\u03b8")),
		closed(fill("text-han", steps+"- manual: \"", "\u4e00")),
		closed(fill("text-emoji", steps+"- manual: \"", "\U0001F469\u200D\U0001F4BB")),
		fill("text-block", steps+"- manual: |\n", "    ${{ env.a }}\n"),
		fill("text-folded", steps+"- manual: >\n", "    ${{ env.a }}\n"),
		closed(fill("text-irctl-ignore", steps+"- wait: 1s # irctl: ignore IR0310", " IR0310")),
		fill("text-ignore-lines", steps+"- manual: |\n", "    # irctl: ignore\n"),
		fill("comments-ignore", steps, "- {wait: 1s} # irctl: ignore IR0310 it is known\n"),
		fill("comments-ignore-above", steps+"- wait: 1s\n", "# irctl: ignore IR0310 a\n"),
	}
}

// hostileNames lead rules to what was declared before, or to others of that name.
func hostileNames() []hostileFile {
	return []hostileFile{
		numbered("one-variable", steps, many, "- {set: {v: @}}\n"),
		numbered("one-variable-read", steps+"- {set: {v: 0}}\n", many, "- {set: {v: \"${{ vars.v }}\"}}\n"),
		numbered("one-variable-late", steps+"- id: a\n  manual: \"${{ vars.v }}\"\n", many, "- {set: {v: @}, next: a}\n"),
		{"one-variable-loop", []byte(steps + strings.Repeat("- {set: {v: 1}}\n", 6000) + "- parallel:\n" + strings.Repeat("  - {set: {v: 2}}\n  - manual: ${{ vars.v }}\n", 3000))},
		numbered("many-variables", steps, many, "- {set: {v@: 1}}\n- {manual: \"${{ vars.v@ }}\"}\n"),
		numbered("jumps-back", steps, many, "- {id: s@, wait: 1s, next: s0}\n"),
		numbered("jumps-on", steps, many, "- {id: s@, wait: 1s, on_failure: {next: s0}}\n"),
		{"jumps-to-twice", []byte(steps + "- {id: b, steps: [{id: a, wait: 1s}]}\n" + strings.Repeat("- {wait: 1s, next: a}\n", 9000) + "- {id: a, wait: 1s}\n")},
		numbered("one-step-read", steps+"- {id: s, wait: 1s}\n", many, "- manual: ${{ steps.s.status }}\n"),
		{"cases-of-enum", []byte(head + "inputs:\n  e: {type: enum, values: [" + joined(12_000, "e@, ") + "x]}\nsteps:\n- switch: ${{ inputs.e }}\n  cases:\n" + joined(12_000, "    e@: [{wait: 1s}]\n"))},
		{"switches-of-enum", []byte(head + "inputs:\n  e: {type: enum, values: [" + joined(15_000, "e@, ") + "x]}\nsteps:\n" + joined(6_000, "- {switch: \"${{ inputs.e }}\", cases: {x: [{wait: 1s}]}}\n"))},
		{"cases-unknown", []byte(head + "inputs:\n  e: {type: enum, values: [" + joined(15_000, "e@, ") + "x]}\nsteps:\n- switch: ${{ inputs.e }}\n  cases:\n" + joined(4_000, "    z@: [{wait: 1s}]\n"))},
		numbered("derived-ids", steps, 9_000, "- {id: wait-@, wait: 1s}\n- {wait: 1s}\n"),
		numbered("runs-itself", steps, many, "- run: x@\n"),
		numbered("runs-one", steps, many, "- {run: other, with: {a: 1}}\n"),
	}
}

// hostileNested have blocks inside blocks, as deep as values may be nested.
func hostileNested() []hostileFile {
	deep := func(open string, levels int, inside string) string {
		var b strings.Builder
		for i := range levels {
			b.WriteString(strings.Repeat("  ", i) + open + "\n")
		}
		pad := strings.Repeat("  ", levels)
		return b.String() + pad + strings.ReplaceAll(strings.TrimSuffix(inside, "\n"), "\n", "\n"+pad) + "\n"
	}
	leaves := joined(4_000, "- {id: s@, wait: 1s}\n") + joined(4_000, "- manual: ${{ steps.s@.status }}\n")
	return []hostileFile{
		{"nested-parallel", []byte(steps + deep("- parallel:", 29, leaves))},
		{"nested-groups", []byte(steps + deep("- steps:", 29, leaves))},
		{"nested-uses", []byte(steps + deep("- parallel:", 28, strings.Repeat("- {uses: email.suspend, target: a}\n", 8_000)))},
		{"nested-loops", []byte(head + "inputs: {l: {type: list}}\nsteps:\n" + deep("- while: inputs.l == null\n  do:", 14, strings.Repeat("- {set: {v: \"${{ vars.v }}\"}}\n", 5_000)))},
		{"nested-ifs", []byte(steps + deep("- if: env.a == 'b'\n  then:", 20, strings.Repeat("- {uses: notify.email, when: env.a == 'c', target: a, with: {to: [a@example.com], subject: a, body: b}}\n", 2_000)))},
		{"nested-many", []byte(steps + strings.Repeat(deep("- parallel:", 29, "- {wait: 1s}"), 500))},
		{"nested-values", []byte(steps + "- set:\n    v: [" + strings.Repeat(strings.Repeat("[", 50)+"a"+strings.Repeat("]", 50)+",", 1_400) + "a]\n")},
	}
}

// hostileValues are long lists and mappings that stand where actions want values.
func hostileValues() []hostileFile {
	input := func(name, declaration string, n int, item string) hostileFile {
		return hostileFile{name, []byte(head + "inputs:\n  a: {" + declaration + ", default: [" + joined(n, item) + "a]}\nsteps:\n- manual: ${{ inputs.a }}\n")}
	}
	return []hostileFile{
		input("values-default", "type: list, items: string", 50_000, "a, "),
		input("values-pattern", "type: list, items: string, pattern: 'a+'", 50_000, "a, "),
		input("values-large-pattern", "type: list, items: string, pattern: '((a{1,10}){1,10}){1,10}'", 50_000, "a, "),
		{"values-long-pattern", []byte(head + "inputs:\n  a: {type: string, pattern: '" + strings.Repeat("(a|b)", 200_000) + "'}\nsteps:\n- manual: ${{ inputs.a }}\n")},
		{"values-pattern-and-text", []byte(head + "inputs:\n  a: {type: string, pattern: '((a?){1,30}){1,30}', default: '" + strings.Repeat("a", 1_000_000) + "'}\nsteps:\n- manual: ${{ inputs.a }}\n")},
		{"values-patterns", []byte(head + "inputs:\n" + joined(12_000, "  a@: {pattern: '((a?){1,30}){1,30}', default: a}\n") + "steps:\n- manual: a\n")},
		{"values-argv", []byte(steps + "- uses: exec\n  with:\n    argv: [" + strings.Repeat("--password, a, ", 35_000) + "a]\n")},
		{"values-flags", []byte(steps + "- uses: exec\n  with:\n    argv: [a, --password=" + strings.Repeat("a", 1_000_000) + "]\n")},
		{"values-environment", []byte(steps + "- uses: exec\n  with:\n    argv: [a]\n    env: {" + joined(18_000, "password@: a, ") + "}\n")},
		{"values-long-keys", []byte(steps + "- uses: exec\n  with:\n    argv: [a]\n    env:\n" + strings.Repeat("      "+strings.Repeat("secret-", 140)+"@: a\n", 1) + joined(1_000, "      \""+strings.Repeat("secret-", 140)+"@\": a\n"))},
		{"values-maps", []byte(steps + "- uses: website.suspend\n  target: a\n  with:\n    message: a\n    alternatives: [" + joined(20_000, "{name: a}, ") + "]\n")},
		{"values-choices", []byte(steps + "- manual: a\n  outputs:\n    a: {type: string, values: [" + joined(50_000, "e@, ") + "]}\n")},
	}
}

// hostileOrdered are steps that rules have to hold against those before.
func hostileOrdered() []hostileFile {
	return []hostileFile{
		numbered("agreed", steps, 4_000, "- {approve: {text: a, roles: [b]}}\n- {uses: email.suspend, target: t@}\n"),
		numbered("told", steps, 4_000, "- {uses: notify.webhook, target: a, with: {text: b}}\n- {uses: email.suspend, target: t@}\n"),
		numbered("sessions", steps, 4_000, "- {uses: sessions.revoke, target: a, with: {account: b}}\n- {uses: credentials.rotate, target: a, with: {account: b}}\n"),
		{"unlike", []byte(steps + "- uses: sessions.revoke\n  target: a\n  with: {" + joined(14_000, "a@: 1, ") + "}\n- uses: credentials.rotate\n  target: a\n  with: {" + joined(14_000, "b@: 1, ") + "}\n")},
		{"same-target", []byte(steps + "- parallel:\n" + strings.Repeat("  - {uses: email.suspend, target: a}\n  - {uses: email.restore, target: a}\n", 4_000))},
		{"same-values", []byte(steps + "- parallel:\n" + strings.Repeat("  - {uses: exec, target: a, with: {argv: ["+strings.Repeat("a,", 1000)+"]}}\n", 50))},
	}
}

// joined writes a unit n times; every @ in it becomes the number of the turn.
func joined(n int, unit string) string { return string(numbered("", "", n, unit).Text) }

// Size is the most bytes that a file may have.
const Size = 1 << 20

// hostileFile is one shape of hostile file.
type hostileFile struct {
	Name string
	Text []byte
}

// fill repeats a unit behind a head up to a megabyte.
func fill(name, head, unit string) hostileFile {
	return hostileFile{name, []byte(head + strings.Repeat(unit, (Size-len(head))/len(unit)))}
}

// numbered writes a unit n times behind a head, as often as a file has room for;
// every @ in it becomes the number of the turn.
func numbered(name, head string, n int, unit string) hostileFile {
	var b strings.Builder
	b.WriteString(head)
	left, each := nearMarks-marks(head), max(1, marks(unit))
	for i := range n {
		one := strings.ReplaceAll(unit, "@", strconv.Itoa(i))
		if left -= each; left < 0 || b.Len()+len(one) > Size {
			break
		}
		b.WriteString(one)
	}
	return hostileFile{name, []byte(b.String())}
}

// nearMarks is a little less than the most marks that a file may have:
// characters that may begin a value or end one.
const nearMarks = 110_000

// marks counts the marks of a text, rather too many than too few.
func marks(text string) int {
	n := strings.Count(text, ",") + strings.Count(text, "[") + strings.Count(text, "{") - 2*strings.Count(text, "${{")
	return n + strings.Count(text, ":") + strings.Count(text, "- ") + 4*strings.Count(text, " #")
}

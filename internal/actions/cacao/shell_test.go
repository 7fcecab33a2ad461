package cacao

import (
	"bytes"
	"math/rand"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// withoutPrelude is the script that a text becomes, without the lines that set
// its variables.
func withoutPrelude(t *testing.T, text string) string {
	t.Helper()
	script, err := shellScript(text, values{"__x__": "v", "__y__": "w"})
	require.NoError(t, err, text)
	for {
		line, rest, ok := strings.Cut(script, "\n")
		if !ok || !strings.HasPrefix(line, "irctl_v") || strings.Contains(line, ";") {
			return script
		}
		script = rest
	}
}

func TestAReferenceGetsTheQuotesOfItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"echo __x__:value":                                          `echo "${irctl_v0}"`,
		"echo a__x__:valueb":                                        `echo a"${irctl_v0}"b`,
		`echo "a __x__:value b"`:                                    `echo "a ${irctl_v0} b"`,
		`echo 'a __x__:value b'`:                                    `echo 'a '"${irctl_v0}"' b'`,
		`echo __x__:value__y__:value`:                               `echo "${irctl_v0}""${irctl_v1}"`,
		`echo "$(basename "__x__:value")"`:                          `echo "$(basename "${irctl_v0}")"`,
		"a=__x__:value; b=(1 __y__:value)":                          `a="${irctl_v0}"; b=(1 "${irctl_v1}")`,
		"export A=__x__:value B":                                    `export A="${irctl_v0}" B`,
		"cat > __x__:value < '__y__:value'":                         `cat > "${irctl_v0}" < ''"${irctl_v1}"''`,
		"cat <<< __x__:value":                                       `cat <<< "${irctl_v0}"`,
		"for i in 1 __x__:value; do echo $i; done":                  `for i in 1 "${irctl_v0}"; do echo $i; done`,
		"case __x__:value in __y__:value) : ;; esac":                `case "${irctl_v0}" in "${irctl_v1}") : ;; esac`,
		"[[ a == __x__:value ]] && [ __x__:value = b ]":             `[[ a == "${irctl_v0}" ]] && [ "${irctl_v0}" = b ]`,
		"# about __x__:value\ntrue __y__:value":                     "# about __x__:value\ntrue \"${irctl_v1}\"",
		`echo \\__x__:value "\\__x__:value"`:                        `echo \\"${irctl_v0}" "\\${irctl_v0}"`,
		`echo \$__x__:value`:                                        `echo \$"${irctl_v0}"`,
		`bash script.sh __x__:value`:                                `bash script.sh "${irctl_v0}"`,
		`sh -c 'echo "$1"' sh __x__:value`:                          `sh -c 'echo "$1"' sh "${irctl_v0}"`,
		`sudo iptables -s __x__:value -j DROP`:                      `sudo iptables -s "${irctl_v0}" -j DROP`,
		`awk -v a=__x__:value '{print a}' __y__:value`:              `awk -v a="${irctl_v0}" '{print a}' "${irctl_v1}"`,
		`echo "__x__:value" | awk '{print}'`:                        `echo "${irctl_v0}" | awk '{print}'`,
		`grep -c __x__:value file`:                                  `grep -c "${irctl_v0}" file`,
		`a=__x__:value; b=${c:-$a}; i=$((i+1)); echo "$a" $b >"$a"`: `a="${irctl_v0}"; b=${c:-$a}; i=$((i+1)); echo "$a" $b >"$a"`,
		"a=__x__:value; for ((i=0;i<3;i++)); do [ $a -gt 5 ]; done": `a="${irctl_v0}"; for ((i=0;i<3;i++)); do [ $a -gt 5 ]; done`,
		`jq --arg a __x__:value '.a == $a'`:                         `jq --arg a "${irctl_v0}" '.a == $a'`,
		"irctl_v0=1; echo __x__:value $irctl_v0":                    `irctl_v0=1; echo "${irctl_v_0}" $irctl_v0`,
		"no reference $(( 1 + 1 )) `date`":                          "no reference $(( 1 + 1 )) `date`",
	} {
		require.Equal(t, want, withoutPrelude(t, text), text)
	}
}

// refused are texts in which a value would be read as a program, or in which
// nobody can tell.
var refused = []string{
	"__x__:value", "__x__:value -a", "./__x__:value", "A=1 __x__:value", `"__x__:value"`, "exec __x__:value",
	"echo $((__x__:value))", "((__x__:value))", "let __x__:value", "let 'a=__x__:value'", "echo `echo __x__:value`", "for ((i=__x__:value;;)); do :; done",
	"echo ${a:-__x__:value}", `echo "${a:-__x__:value}"`, "echo ${__x__:value}", "echo $__x__:value", `echo "$__x__:value"`, "echo ${a[__x__:value]}", "a[__x__:value]=1", "a=([__x__:value]=1)",
	`echo \__x__:value`, `echo "\__x__:value"`, "cat <<EOF\n\\__x__:value\nEOF\n", "echo $'__x__:value'", `echo $"__x__:value"`,
	"__x__:value() { :; }", "__x__:value=1", "for __x__:value in a; do :; done", "cat <<__x__:value\na\n__x__:value\n", "cat <<'a b'\n__x__:value\na b\n",
	"[[ __x__:value -eq 1 ]]", "[[ 1 -lt __x__:value ]]", "[[ -v __x__:value ]]", "[ -v __x__:value ]", "test -v '__x__:value'", "printf -v __x__:value a",
	"declare __x__:value", "declare -i a=__x__:value", "export __x__:value", "local '__x__:value'", "readonly -a a=(__x__:value)",
	"eval echo __x__:value", `eval "echo '__x__:value'"`, `command eval "__x__:value"`, `trap "__x__:value" EXIT`, "unset __x__:value", "read __x__:value", "source __x__:value", ". <(echo __x__:value)",
	`eval "$(echo __x__:value)"`, `bash -c "echo __x__:value"`, `sh -c 'echo __x__:value'`, `sudo bash -lc "__x__:value"`, `/bin/sh -c "$(echo __x__:value)"`,
	"bash <<EOF\necho __x__:value\nEOF\n", "bash -s <<'EOF'\necho __x__:value\nEOF\n",
	`ssh host "rm __x__:value"`, `python3 -c "print('__x__:value')"`, `perl -ne 'print if /__x__:value/'`, `sed -i -e "s/a/__x__:value/e" f`,
	`find . -exec sh -c 'rm __x__:value' \;`, `su - root -c "__x__:value"`, `psql db <<< "select '__x__:value'"`,
	"echo 'unclosed __x__:value", "if __x__:value", `$SHELL -c "__x__:value"`, `find . -exec __x__:value \;`, `perl -e'print "__x__:value"'`, `jq --arg a b ".a == \"__x__:value\""`,
	`a="rm __x__:value"; bash -c "$a"`,
	"sudo __x__:value", "env A=/b __x__:value", "env -S __x__:value", "env --split-string=__x__:value", "timeout 5 __x__:value", "bash <(echo __x__:value)", `bash <<< "__x__:value"`, "echo __x__:value | bash",
	"echo __x__:value | sudo sh", "ssh -p 22 root@host rm __x__:value", `awk '/__x__:value/'`, `sed "s/a/__x__:value/" f`, `watch "__x__:value"`, `$SHELL <<< __x__:value`, "cat <<EOF\n__x__:value\nEOF\n",
	`a=__x__:value; ssh host "rm $a"`, `a=__x__:value; eval "$a"`, `a=__x__:value; "$a"`, `a=__x__:value; echo $((a+1))`, "ssh host <<EOF\n__x__:value\nEOF\n", "cat <<EOF | sh\n__x__:value\nEOF\n",
	"PS4=__x__:value; set -x", "a=__x__:value; echo ${a@P}", "a=__x__:value; echo ${!a}", "declare -i n; n=__x__:value", "a=__x__:value; [[ $a -eq 1 ]]", "a=__x__:value; echo ${b[a]}", "LD_PRELOAD=__x__:value ls", "PATH=__x__:value ls",
	"sudo -u __x__:value id", "ssh -p __x__:value host uptime", "{ echo __x__:value; } | xargs sh -c",
}

func TestWhatCannotBePutInSafelyIsRefused(t *testing.T) {
	for _, text := range refused {
		script, err := shellScript(text, values{"__x__": "v; w"})
		require.Error(t, err, "%s became\n%s", text, script)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := shellScript("true\neval __x__:value", values{"__x__": "v"})
	require.EqualError(t, err, "__x__ in line 2 of the command stands where eval reads a program: which program runs is not for a variable to say")
}

// TestProgramsGetOneWord: a program that reads no program gets one word,
// whatever the value is.
func TestProgramsGetOneWord(t *testing.T) {
	for _, text := range []string{
		"sudo rm __x__:value", "env A=__x__:value id", "timeout 5 touch __x__:value", "{ echo __x__:value; } | xargs rm", "bash script.sh __x__:value", "python3 /opt/tool.py __x__:value", `make A=__x__:value`, "a=__x__:value; touch $a",
	} {
		script, err := shellScript(text, values{"__x__": "v; w"})
		require.NoError(t, err, text)
		require.True(t, strings.HasPrefix(script, "irctl_v0='v; w'\n"), script)
		require.NotContains(t, script[len("irctl_v0='v; w'\n"):], "v; w")
	}
}

// TestALongerTextTakesPlainValues: a name, a number or an address cannot change
// the program that another shell, or awk, makes of a text.
func TestALongerTextTakesPlainValues(t *testing.T) {
	for _, text := range []string{`echo "seen __x__:value"`, `curl -e __x__:value h`, "a=__x__:value; echo $((1+1))", `grep -e __x__:value f`} {
		for _, value := range []string{"", "web1.example.com", "203.0.113.0/24", "2001:db8::1", "-5", "C:é", "a@b"} {
			_, err := shellScript(text, values{"__x__": value})
			require.NoError(t, err, "%s with %q", text, value)
		}
		for _, value := range []string{"a b", "-rf", "a;b", "$a", "a'b", "`a`", "a\nb", "*"} {
			_, err := shellScript(text, values{"__x__": value})
			require.ErrorContains(t, err, "where a program could read it as a part of its own", "%s with %q", text, value)
		}
	}
}

func TestVariablesWithoutAValue(t *testing.T) {
	_, err := shellScript("echo __y__:value", values{"__x__": "v"})
	require.EqualError(t, err, "the variable __y__ is not defined")
	_, err = shellScript("echo __x__:value", values{"__x__": nil})
	require.EqualError(t, err, "the variable __x__ has no value yet: it is null")
	script, err := shellScript("echo __x__:value", values{"__x__": ""})
	require.NoError(t, err)
	require.Equal(t, "irctl_v0=''\necho \"${irctl_v0}\"", script)
	_, err = shellScript("echo __x__:value", values{"__x__": "a\x00b"})
	require.ErrorContains(t, err, "NUL")
	_, err = shellScript("a\x00b", nil)
	require.ErrorContains(t, err, "NUL")
}

// TestNoTextTakesAllTheMemory: texts that only nest, as long as they may be.
func TestNoTextTakesAllTheMemory(t *testing.T) {
	for _, nest := range []string{"$(", "(", "{ ", `"$(`, "${a:-", "$((", "<(", "if ", "case a in a) "} {
		text := "echo __x__:value; " + strings.Repeat(nest, (maxText-100)/len(nest))
		for _, write := range []func(string, values) (string, error){shellScript, powershellScript} {
			_, _ = write(text, values{"__x__": "v"}) // it returns
			_, err := write(text+strings.Repeat(nest, 100), values{"__x__": "v"})
			require.EqualError(t, err, "the command is longer than 64 KiB and holds variables")
		}
	}
}

// places are texts that print each value once, followed by a NUL, in every
// place that is not refused.
const places = `show() { printf '%s\0' "$@"; }
show __x__:value
show "__x__:value"
show '__x__:value'
a=__x__:value; show "$a"
b=(one __x__:value); show "${b[1]}"
export c='__x__:value'; show "$c"
for i in __x__:value; do show "$i"; done
case __x__:value in "__x__:value") show __x__:value ;; esac
[ __x__:value = "__x__:value" ] && show '__x__:value'
[[ __x__:value == __x__:value ]] && show __x__:value
show "$(printf %s '__x__:value'; echo .)"
(show __x__:value) | cat
cat <<< __x__:value
printf '\0'
env d=__x__:value sh -c 'printf "%s\0" "$d"'
`

// says runs a text with a value and returns what it printed.
func says(t testing.TB, shell, text, value string) []string {
	t.Helper()
	script, err := shellScript(text, values{"__x__": value})
	require.NoError(t, err)
	cmd := exec.Command(shell, "-c", `eval "$(cat)"`)
	cmd.Stdin = strings.NewReader(script)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, complaints.String())
	require.Empty(t, complaints.String())
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func wanted(value string) []string {
	want := []string{value, value, value, value, value, value, value, value, value, value, value + ".", value}
	return append(want, value+"\n", value)
}

var hostile = []string{
	"", " ", "'; rm -rf / #", `"; touch x; "`, "$(touch x)", "`touch x`", "${HOME}", "$HOME", "*", "~", "-n", "--", "a b\tc\nd", "\n", "\n\n", "EOF", "a\nEOF\nb", "E", "\tE\n", `\`, `\\`, `a\`, "'", `'"'"'`, `"`, "!!", "{a,b}", "a[$(touch x)]", "\r\n", "\x1b[2J", "é ‘’ 漢", "__x__:value", "irctl_v0", "%s%n", "&& ||", "<(x)", "$'\\n'",
}

// TestAValueIsAlwaysData: a shell that prints its words prints the value, in
// every place.
func TestAValueIsAlwaysData(t *testing.T) {
	for _, value := range hostile {
		require.Equal(t, wanted(value), says(t, "bash", places, value), "%q", value)
	}
	r := rand.New(rand.NewSource(1))
	letters := []rune("'\"$`\\(){}[]<>|&;#*?~!- \t\n\r=:aEOF_漢\x01\x7f")
	for range 30 {
		var b strings.Builder
		for range r.Intn(30) {
			b.WriteRune(letters[r.Intn(len(letters))])
		}
		require.Equal(t, wanted(b.String()), says(t, "bash", places, b.String()), "%q", b.String())
	}
}

// TestAValueIsDataForEveryShell: what every shell knows means the same in sh.
func TestAValueIsDataForEveryShell(t *testing.T) {
	text := "printf '%s\\0' __x__:value \"__x__:value\" '__x__:value'"
	for _, value := range hostile {
		require.Equal(t, []string{value, value, value}, says(t, "sh", text, value), "%q", value)
	}
}

func FuzzShell(f *testing.F) {
	for _, text := range append(refused, places, `echo "a __x__:value b"`, "cat <<'EOF'\n__x__:value\nEOF") {
		f.Add(text, "'; touch x #")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || strings.Contains(text, "canary") {
			return
		}
		canary := "canary" + value
		script, err := shellScript(text, values{"__x__": canary})
		if err != nil || len(references(text, values{"__x__": ""})) == 0 {
			return
		}
		// The value stands in the prelude, once, and nowhere else.
		prelude := freshPrefix(text) + "0='" + strings.ReplaceAll(canary, "'", `'\''`) + "'\n"
		require.True(t, strings.HasPrefix(script, prelude))
		require.NotContains(t, script[len(prelude):], "canary")
	})
}

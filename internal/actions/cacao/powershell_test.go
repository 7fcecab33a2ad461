//go:build unix

package cacao

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

func TestAReferenceInPowerShell(t *testing.T) {
	for text, want := range map[string]string{
		"Get-ADUser __x__:value -Server __y__:value":    "Get-ADUser $irctl_v0 -Server $irctl_v1",
		`Write-Output "a __x__:value b"`:                `Write-Output "a ${irctl_v0} b"`,
		`Write-Output '__x__:value'`:                    "Write-Output $irctl_v0",
		`Write-Output '"$b" ''c'' d'; echo __x__:value`: `Write-Output '"$b" ''c'' d'; echo $irctl_v0`,
		`if (__x__:value -eq "__y__:value") { 1 }`:      `if ($irctl_v0 -eq "${irctl_v1}") { 1 }`,
		"$a=__x__:value; $b[__y__:value]":               "$a=$irctl_v0; $b[$irctl_v1]",
		"f(__x__:value,__y__:value)":                    "f($irctl_v0,$irctl_v1)",
		"$s = @\"\n\"a\" __x__:value\n\"@\n":            "$s = @\"\n\"a\" ${irctl_v0}\n\"@\n",
		"# about __x__:value '\necho __y__:value":       "# about __x__:value '\necho $irctl_v1",
		"<# about __x__:value ' #> echo __y__:value":    "<# about __x__:value ' #> echo $irctl_v1",
		"echo a#b'c' __x__:value":                       "echo a#b'c' $irctl_v0",
		"echo \"``__x__:value `\" __y__:value\"":        "echo \"``${irctl_v0} `\" ${irctl_v1}\"",
		"iex 'no reference'":                            "iex 'no reference'",
	} {
		script, err := powershellScript(text, values{"__x__": "v", "__y__": "w"})
		require.NoError(t, err, text)
		for strings.HasPrefix(script, "$irctl_v") && strings.Contains(script, "FromBase64String") {
			_, script, _ = strings.Cut(script, "\n")
		}
		require.Equal(t, want, script)
	}
}

func TestWhatPowerShellCouldTakeForAProgramIsRefused(t *testing.T) {
	for _, text := range []string{
		"__x__:value", "__x__:value -a", "& __x__:value", ". __x__:value", "$a; __x__:value", "$a | __x__:value", "1 | % { __x__:value }",
		"echo a__x__:value", "echo __x__:valueb", "echo -Name:__x__:value", "$__x__:value", `"$__x__:value"`, "echo `__x__:value", "echo \"`__x__:value\"",
		"iex __x__:value", `echo "$(f __x__:value)"`, `Invoke-Expression "echo __x__:value"`, "Invoke-Command -ScriptBlock { echo __x__:value }", "cmd /c __x__:value", `cmd.exe /c "dir __x__:value"`, "powershell -Command __x__:value", "[ScriptBlock]::Create('__x__:value')",
		`Write-Output 'a __x__:value'`, "$s = @'\n__x__:value\n'@\n", "echo ‘__x__:value’", "ping --% __x__:value", "1..3 | ForEach-Object -Parallel { echo __x__:value }", "Start-Job { echo __x__:value }",
	} {
		script, err := powershellScript(text, values{"__x__": "v"})
		require.Error(t, err, "%s became\n%s", text, script)
	}
	_, err := powershellScript("echo __y__:value", values{"__x__": "v"})
	require.EqualError(t, err, "the variable __y__ is not defined")
}

func FuzzPowerShell(f *testing.F) {
	f.Add("echo \"a $(f '__x__:value') `\" \" @'\n__x__:value\n'@ # __x__:value", "'; x")
	f.Fuzz(func(t *testing.T, text, value string) {
		if strings.Contains(text, "canary") || strings.ContainsRune(value, 0) {
			return
		}
		script, err := powershellScript(text, values{"__x__": "canary" + value})
		if err != nil || len(references(text, values{"__x__": ""})) == 0 {
			return
		}
		require.NotContains(t, script, "canary")
		require.Contains(t, script, base64.StdEncoding.EncodeToString([]byte("canary"+value)))
	})
}

// fakePowerShell stands in for PowerShell, which Debian does not have: it notes
// its arguments and its input, prints a line, and ends as the file says. That
// PowerShell itself reads the script as meant is not shown here.
func fakePowerShell(t *testing.T, code string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + dir + "/args\ncat > " + dir + "/stdin\necho '{\"id\": 7}'\necho 'it went wrong' >&2\nexit " + code + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pwsh"), []byte(script), 0o700))
	return dir
}

func TestPowerShellGetsItsScriptByItsInput(t *testing.T) {
	dir := fakePowerShell(t, "0")
	target := sshConfig(t, realtest.StartSSHD(t, "SetEnv PATH="+dir+":/usr/bin:/bin"), nil)
	with := map[string]any{
		"command":   "Disable-ADAccount -Identity __user__:value",
		"variables": map[string]any{"__user__": "canary'; x"},
		"take":      map[string]any{"__id__": map[string]any{"from": "json", "path": "$.id"}},
	}
	res, _, err := perform(t, PowerShell(), target, with)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"__id__": int64(7)}, res.Outputs["values"])
	require.Equal(t, "pwsh on 127.0.0.1 ended with exit code 0", res.Summary)

	args, err := os.ReadFile(filepath.Join(dir, "args"))
	require.NoError(t, err)
	words := strings.Fields(string(args))
	require.Equal(t, []string{"-NoProfile", "-NonInteractive", "-EncodedCommand"}, words[:3])
	program, err := base64.StdEncoding.DecodeString(words[3])
	require.NoError(t, err)
	require.Equal(t, powershellReader, utf16Text(program), "the arguments hold nothing of the command")

	input, err := os.ReadFile(filepath.Join(dir, "stdin"))
	require.NoError(t, err)
	script, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(string(input), ".\n"))
	require.NoError(t, err)
	value := base64.StdEncoding.EncodeToString([]byte("canary'; x"))
	require.Equal(t, "$irctl_v0 = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('"+value+"'))\nDisable-ADAccount -Identity $irctl_v0", string(script))
}

func utf16Text(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}

func TestPowerShellThatFails(t *testing.T) {
	dir := fakePowerShell(t, "4")
	s := realtest.StartSSHD(t, "SetEnv PATH="+dir+":/usr/bin:/bin")
	_, _, err := perform(t, PowerShell(), sshConfig(t, s, nil), map[string]any{"command": "exit 4"})
	require.EqualError(t, err, "pwsh on 127.0.0.1 ended with exit code 4: it went wrong")
	_, _, err = perform(t, PowerShell(), sshConfig(t, s, map[string]any{"powershell": "powershell"}), map[string]any{"command": "exit 4"})
	require.ErrorContains(t, err, "powershell on 127.0.0.1 ended with exit code 127")
}

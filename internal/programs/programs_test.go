package programs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/programs"
)

// TestWhichWordIsReadAsAProgram: X is the word in question.
func TestWhichWordIsReadAsAProgram(t *testing.T) {
	for line, want := range map[string]string{
		"X": "the command line", "rm X": "", "/bin/sh X": "sh", "sh -c X": "sh", "python3.12 -c X": "python", "python3 tool.py X": "", "bash /opt/block.sh -v X": "",
		"ssh host rm X": "ssh", "ssh X": "ssh", "sudo X": "sudo", "sudo systemctl stop X": "", "sudo -u postgres psql -c X": "psql", "sudo -n systemctl stop X": "",
		"sudo -u X": "sudo", "sudo bash -lc X": "bash", "env A=1 X": "env", "env A=X sh": "", "env -S X": "env", "timeout 5 X": "timeout", "timeout 5 rm X": "",
		"timeout 5 sh -c X": "sh", "awk X file": "awk", "awk -v a=X": "", "awk -v a=1 {print} X": "", "env -i A=1 X": "env", "sed -e X f": "sed", "perl -e X": "perl", "xargs X": "xargs", "xargs rm X": "", "nohup sh -c X": "sh",
		"find . -name X": "", "find . -exec X ;": "the command line", "find . -exec rm X ;": "", "find . -exec sh -c X ;": "sh", "eval X": "eval", "su - root -c X": "su", "cmd.exe /c X": "cmd",
		"bash -ec prog X": "", "sed -e p -e X": "sed", "sed -e p X": "", "busybox sh -c X": "sh", "perl -ne prog X": "", "CMD.EXE /C X": "cmd", "echo X": "", "grep -e X f": "", "sqlite3 db X": "sqlite", "sqlite3 -json db X": "sqlite", "sshpass -p pw ssh host X": "ssh", "deno eval X": "deno", "bun -e X": "bun", "watch ls X": "watch", `C:\Windows\powershell.exe -Command X`: "powershell",
	} {
		words := strings.Fields(line)
		at := 0
		for i, w := range words {
			if strings.Contains(w, "X") {
				at = i
			}
		}
		require.Equal(t, want, programs.Reads(words, at), line)
	}
	require.Equal(t, "the command line", programs.Reads([]string{"", "a"}, 1))
	for line, want := range map[string]string{"bash": "bash", "bash -s": "bash", "bash x.sh": "", "sh -c cat": "", "sudo sh": "sh", "ssh host": "ssh", "awk {print}": "", "cat": ""} {
		words := strings.Fields(line)
		require.Equal(t, want, programs.Reads(words, len(words)), line)
	}
}

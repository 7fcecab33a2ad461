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
		// what options and operands of other programs lead to
		"tar --to-command=X -xf a": "tar", "tar -xf a --to-command X": "tar", "tar --checkpoint-action=exec=X": "tar", "tar -I X -xf a": "tar", "tar -xf X": "", "tar -xf a -C X": "", "sudo tar --to-command=X": "tar",
		"gdb -p 1 -ex X": "gdb", "gdb -iex X": "gdb", "gdb -p X": "", "lldb -o X": "lldb", "redis-cli eval X 0": "redis-cli", "redis-cli -p 1 EVAL X 0": "redis-cli", "redis-cli script load X": "redis-cli", "redis-cli get X": "", "redis-cli eval p 0 X": "",
		"socat - EXEC:X": "socat", "socat - SYSTEM:X,pty": "socat", "socat X -": "socat", "socat - TCP:X:80": "", "rsync -e X a b": "rsync", "rsync -a --rsh=X a b": "rsync", "rsync -a X b": "", "scp -o ProxyCommand=X a b": "scp", "scp -S X a b": "scp", "sftp -oProxyCommand=X h": "sftp", "scp X h:": "",
		"ssh -o ProxyCommand=X h": "ssh", "git -c core.sshCommand=X fetch": "git", "git -c X fetch": "git", "git -c user.name=X commit": "", "git clone X": "", "git clone --upload-pack=X a": "git", "git rebase -x X": "git", "vim -c X f": "vim", "vim +X f": "vim", "vi X": "",
		"ncat -e X h 1": "ncat", "nc h X": "", "tcpdump -z X": "tcpdump", "tcpdump -i X": "", "split --filter=X f": "split", "sort --compress-program=X f": "sort", "script -c X f": "script", "rpm --eval X": "rpm", "rpm -q X": "", "apt-get -o X": "apt-get", "make --eval=X": "make", "make X": "", "exim -be X": "exim", "ansible all -a X": "ansible",
		"find . -execdir X ;": "the command line", "sudo find . -exec sh -c X ;": "sh", "sudo find . -name X": "", "docker exec c sh -c X": "sh", "docker exec c rm X": "", "docker stop X": "", "kubectl exec p -- sh -c X": "sh", "ip netns exec n bash -c X": "bash", "ip addr add X": "", "tmux send-keys X": "tmux", "nft add X": "nft", "setpriv --reuid 1 X": "setpriv",
		"psql -c X": "psql", "xargs sh -c X": "sh", "cqlsh -e X": "cqlsh", "clickhouse-client --query=X": "clickhouse-client", "zip -TT X a b": "zip",
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

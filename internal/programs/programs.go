// Package programs knows which words of a command line are read as a program.
//
// A value that somebody else chose must not stand there: sh -c would carry it
// out, sudo start it, sed take it for a script. [Reads] is asked about the
// arguments of exec and about the commands in texts for a shell, so that both
// have one rule.
package programs

import (
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// option is one behind which many programs take a program, or the name of a
// variable.
var option = pattern.Late(`^(-[A-Za-z]*[cevERC]|-exec|-ok|--eval|--command|--execute|-[Cc]ommand|--run)$`)

// text is an option whose operand is a program, and the only one.
var text = pattern.Late(`^(?i:-[A-Z]*[ce]|--eval|--execute|--command|-command|/c)$`)

// Plain is a value that means nothing but itself to a shell or to any other
// language of commands: a name, a number, an address, a path.
var Plain = pattern.Late(`^(-?[0-9.]+|[\p{L}\p{N}_.,:@%+=/][\p{L}\p{N}_.,:@%+=/-]*)?$`)

// Might reports whether a program that is not known might read a word of its
// command line as a program: behind an option such as -c, or where the word
// holds more than one name beside a value, as in "rm VALUE". Rest is the word
// without the values in it. Such a place takes plain values.
func Might(words []string, at int, rest string) bool {
	return at > 0 && option().MatchString(words[at-1]) || strings.ContainsAny(strings.Trim(strings.TrimSpace(rest), `"'`), " \t\n'\"\\;|&<>()$`{}*?!#~")
}

// every is more operands than a command line has.
const every = 1 << 20

// reader is a program that reads words as programs: operands, or if behind or
// carries is given, only what these lead to.
type reader struct {
	name    string
	before  int      // operands before the first such
	starts  bool     // it starts another program, whose operands follow
	behind  []string // options whose value is a program; with a colon, how such an operand begins
	carries []string // words behind which a command line follows, after operands of their own or not
}

// readers are these programs by their names.
var readers = func() map[string]reader {
	out := map[string]reader{}
	behind := func(options string) reader { return reader{behind: strings.Fields(options)} }
	carries := func(words string) reader { return reader{carries: strings.Fields(words)} }
	for _, kind := range []struct {
		reader
		names string
	}{
		{reader{}, "sh bash dash zsh ksh mksh ash fish csh tcsh pwsh powershell cmd python perl ruby node nodejs php lua tclsh osascript expect rscript bun " +
			"awk gawk mawk nawk sed psql mysql mariadb mongosh source ."},
		{reader{before: 1}, "sqlite deno"},
		{reader{starts: true}, "busybox sudo doas env nohup nice ionice setsid stdbuf time command builtin exec xargs systemd-run strace ltrace unshare sshpass setpriv prlimit runcon chronic fakeroot firejail"},
		{reader{starts: true, before: 1}, "timeout chroot flock taskset runuser nsenter"},
		// Every operand may be a program, or name a variable that is evaluated.
		{reader{before: every}, "ssh rsh mosh su eval watch parallel trap at batch let unset read mapfile readarray alias getopts complete compgen bind enable tmux screen salt nft"},
		{behind("--to-command --checkpoint-action -I --use-compress-program -F --info-script --new-volume-script --rsh-command --rmt-command"), "tar gtar bsdtar"},
		{behind("-ex -iex --ex --iex -eval-command --eval-command -init-eval-command --init-eval-command"), "gdb"},
		{behind("-o -O -S --one-line --one-line-before-file --source-quietly"), "lldb"},
		{behind("eval eval_ro load"), "redis-cli valkey-cli"},
		{behind("exec: system: shell:"), "socat"},
		{behind("-e --rsh --rsync-path"), "rsync"},
		{behind("-o -S -D"), "scp sftp"},
		{behind("-c --config -x --exec --extcmd --upload-pack --receive-pack"), "git"},
		{behind("-c --cmd -S + --eval -eval"), "vi vim nvim view ex emacs"},
		{behind("-e -c --exec --sh-exec --lua-exec"), "nc ncat netcat"},
		{behind("-z"), "tcpdump"},
		{behind("-TT --unzip-command"), "zip"},
		{behind("--filter"), "split"},
		{behind("--compress-program"), "sort"},
		{behind("-c --command"), "script"},
		{behind("--eval -E --define -D --pipe"), "rpm"},
		{behind("-o --option"), "apt apt-get"},
		{behind("--eval"), "make gmake"},
		{behind("-be -bem"), "exim exim4 sendmail"},
		{behind("-a --args -e --extra-vars"), "ansible ansible-playbook"},
		{behind("-e --execute -q -Q --query -execute"), "mysqlsh cqlsh sqlcmd clickhouse-client influx"},
		{carries("-exec -execdir -ok -okdir"), "find"},
		{carries("exec run --"), "docker podman nerdctl kubectl oc crictl lxc incus ip"},
	} {
		for _, name := range strings.Fields(kind.names) {
			kind.name = name
			out[name] = kind.reader
		}
	}
	return out
}()

var (
	version    = pattern.Late(`[0-9.]+$`)
	assignment = pattern.Late(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// carried is Reads of the command line that a program carries: find's begins at
// once, others name first where it is to run.
func (r reader) carried(words []string, at int) string {
	for i, w := range words[1:at] {
		if !slices.Contains(r.carries, w) {
			continue
		}
		if strings.HasPrefix(w, "-") && w != "--" {
			return Reads(words[i+2:], at-i-2)
		}
		for j := i + 2; j < at; j++ {
			if _, ok := readerOf(words[j]); ok {
				return Reads(words[j:], at-j)
			}
		}
	}
	return ""
}

// harmless begins a value of git's -c of which git makes no command.
var harmless = pattern.Late(`(?i)^(-c|--config=)?(user|author|committer|color|advice|http|url|init|safe|pull|push|fetch|merge|branch|remote)\.[a-z.]*(name|email|ui|directory|defaultbranch|autosetuprebase|ff|rebase|prune)=`)

// option is Reads of a program that takes programs as values of options.
func (r reader) option(words []string, at int) string {
	word := ""
	if at < len(words) {
		word = words[at]
	}
	for _, o := range r.behind {
		var is bool
		switch short := len(o) <= 2 || !strings.HasPrefix(o, "-"); {
		case strings.HasSuffix(o, ":"):
			is = strings.HasPrefix(strings.ToLower(word), o) || !strings.Contains(word, ":")
		case strings.EqualFold(words[at-1], o) && (words[at-1] == o || o[0] != '-'):
			is = true
		default:
			is = strings.HasPrefix(word, o+"=") || short && o[0] < 'a' && strings.HasPrefix(word, o)
		}
		if is && !harmless().MatchString(word) {
			return r.name
		}
	}
	return ""
}

// readerOf looks a program up by a word that starts it.
func readerOf(word string) (reader, bool) {
	name := strings.TrimSuffix(strings.ToLower(path.Base(strings.ReplaceAll(word, `\`, "/"))), ".exe")
	if short := version().ReplaceAllString(name, ""); short != "" {
		name = short
	}
	r, ok := readers[name]
	return r, ok
}

// Reads returns the program that may read a word of a command line as a program
// of its own, "" if none does. A word that is not known in full is "". Options
// may take the operand behind them, so that a word is data only if more
// operands than options stand before it; words[at] itself may be missing,
// which stands for the standard input.
func Reads(words []string, at int) string {
	if at == 0 || words[0] == "" {
		return "the command line"
	}
	r, ok := readerOf(words[0])
	switch {
	case !ok:
		return ""
	case r.carries != nil:
		return r.carried(words, at)
	case r.behind != nil:
		return r.option(words, at)
	}
	if at < len(words) && r.before != every && assignment().MatchString(words[at]) {
		return ""
	}
	if at > 1 && !r.starts && text().MatchString(words[at-1]) {
		return r.name
	}
	options, operands := 0, 0
	for i, w := range words[1:at] {
		switch {
		case !r.starts && r.before == 0 && text().MatchString(w):
			return "" // the program has been given
		case strings.HasPrefix(w, "-"), strings.HasPrefix(w, "/") && len(w) == 2:
			if !strings.Contains(w, "=") {
				options++
			}
		case assignment().MatchString(w):
			options = max(0, options-1) // it may be the option's
		case w == "":
		default:
			if _, inner := readerOf(w); inner && r.starts {
				return Reads(words[i+1:], at-i-1)
			}
			if operands++; operands > options+r.before {
				return ""
			}
		}
	}
	return r.name
}

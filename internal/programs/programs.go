// Package programs knows which words of a command line are read as a program.
//
// A value that somebody else chose must not stand there: sh -c would carry it
// out, sudo start it, sed take it for a script. [Reads] is asked about the
// arguments of exec and about the commands in texts for a shell, so that both
// have one rule.
package programs

import (
	"path"
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

// reader is a program that reads operands as programs.
type reader struct {
	name   string
	before int  // operands before the first such
	starts bool // it starts another program, whose operands follow
}

// readers are these programs by their names.
var readers = func() map[string]reader {
	out := map[string]reader{}
	for _, kind := range []struct {
		reader
		names string
	}{
		{reader{}, "sh bash dash zsh ksh mksh ash fish csh tcsh pwsh powershell cmd python perl ruby node nodejs php lua tclsh osascript expect rscript bun " +
			"awk gawk mawk nawk sed psql mysql mariadb mongosh source ."},
		{reader{before: 1}, "sqlite deno"},
		{reader{starts: true}, "busybox sudo doas env nohup nice ionice setsid stdbuf time command builtin exec xargs systemd-run strace unshare sshpass"},
		{reader{starts: true, before: 1}, "timeout chroot flock taskset runuser nsenter"},
		// Every operand may be a program, or name a variable that is evaluated.
		{reader{before: every}, "ssh rsh mosh su eval watch parallel trap at batch let unset read mapfile readarray alias getopts complete compgen bind enable"},
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
	if !ok {
		for i, w := range words[1:at] {
			switch w {
			case "-exec", "-execdir", "-ok", "-okdir":
				return Reads(words[i+2:], at-i-2)
			}
		}
		return ""
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

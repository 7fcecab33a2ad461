package host

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Ssh and sudo tell a program nothing but an exit code and a text, so their
// texts decide here what to advise, and nothing else. What matters for a run,
// whether an effect may have taken place, is decided by whether anybody could
// sign in before.

// complaint is something that ssh says, in lower case, and what it means.
type complaint struct {
	text      string
	message   string // after "ssh to HOST: "
	hint      string // HOST stands for the host
	permanent bool
}

var complaints = []complaint{
	{"remote host identification has changed", "the machine shows another host key than the one that is known", "somebody may be in between. Ask who runs HOST whether its key was changed, and only then correct known_hosts", true},
	{"host key verification failed", "its host key is not known", "compare the key with who runs HOST, then add it to known_hosts: ssh-keyscan shows it", true},
	{"no matching host key", "it offers no kind of host key that ssh accepts", "see the options HostKeyAlgorithms and PubkeyAcceptedAlgorithms of ssh_config(5)", true},
	{"unprotected private key file", "others may read the file with the private key, so ssh does not use it", "chmod 600 the file that `identity` names", true},
	{"too many authentication failures", "it was offered too many keys", "name the right one as `identity` in the target's via", true},
	{"permission denied", "it does not let us sign in", "check user and identity in the target's via, that the agent holds the key (ssh-add -l), and that HOST accepts it", true},
	{"could not resolve hostname", "its name is not known", "check the spelling, and whether the name servers answer", false},
	{"connection refused", "the connection was refused", "check that HOST runs an SSH server at this port", false},
	{"timed out", "it does not answer", "check that HOST is up and that the network leads there", false},
	{"no route to host", "no network leads there", "check that HOST is up and that the network leads there", false},
	{"network is unreachable", "no network leads there", "check this machine's own network", false},
	{"bad configuration option", "ssh does not know an option", "correct `options` in the target's via, or ssh_config", true},
	{"can't open user config file", "the ssh_config that the target names cannot be read", "correct `config` in the target's via", true},
	{"connection closed", "it closed the connection", "see the log of the SSH server on HOST", false},
	{"connection reset", "it closed the connection", "see the log of the SSH server on HOST", false},
}

// refused says why nobody could sign in: nothing was done.
func (h *Host) refused(stderr string) error {
	e := &action.Error{
		Message: "ssh to " + h.String() + " failed, so nothing was done there",
		Hint:    "try by hand: ssh -o BatchMode=yes " + Quote([]string{h.ssh}) + " true",
	}
	lower := strings.ToLower(stderr)
	for _, c := range complaints {
		if strings.Contains(lower, c.text) {
			e.Message = "ssh to " + h.String() + ": " + c.message + ", so nothing was done there"
			e.Hint, e.Permanent = strings.ReplaceAll(c.hint, "HOST", h.String()), c.permanent
			break
		}
	}
	e.Cause = causeOf(stderr)
	return e
}

// crowded reports whether a server turned somebody away before it heard who that
// was, as sshd does when too many are signing in at once.
func crowded(stderr string) bool {
	lower := strings.ToLower(stderr)
	return strings.Contains(lower, "exchange_identification: ") || strings.Contains(lower, "not allowed at this time")
}

// lost says that ssh failed while it was used. A command that was not heard to
// begin may have done its work all the same: what it does can cut its own
// answer off.
func (h *Host) lost(what, stderr string, begun bool) error {
	message := fmt.Sprintf("the connection was lost before %s said that it runs", what)
	if begun {
		message = fmt.Sprintf("the connection was lost while %s ran, or a signal ended it, or it ended with exit code %d", what, sshFailed)
	}
	return &action.Error{
		Message: message,
		Hint:    "look at " + h.String() + ": the command may have done a part of its work",
		Doubt:   true,
		Cause:   causeOf(stderr),
	}
}

// noSSH says that ssh itself could not be run.
func (h *Host) noSSH(err error, res process.Result) error {
	var e *action.Error
	if res.ExitCode == sshFailed {
		return h.refused(res.Stderr)
	}
	if errors.As(err, &e) {
		out := *e
		out.Message = "there is no way to " + h.String() + ": " + e.Message
		if _, missing := lookPath("ssh"); missing != nil {
			out.Hint = "install OpenSSH's client (the package openssh-client) on this machine"
		}
		return &out
	}
	return err
}

// unreachableThere says that the host was reached, and an address from there
// was not.
func (h *Host) unreachableThere(address, words string) error {
	return &action.Error{
		Message: fmt.Sprintf("%s was reached, but from there nothing at %s, so nothing was changed", h, action.CleanLine(address, 80)),
		Hint:    fmt.Sprintf("check on %s that the service runs and listens there, and that its SSH server allows forwarding (AllowTcpForwarding)", h),
		Cause:   causeOf(words),
	}
}

// explain says of a command that ended badly what to do, where its end is one
// that every program has in common.
func (h *Host) explain(c process.Command, res process.Result, err error) error {
	var e *action.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	out := *e
	switch first := firstLine(res.Stderr); {
	case h.sudoRefused(res):
		out.Message = fmt.Sprintf("sudo on %s does not let us run %s: %s", h, programName(c), action.CleanLine(strings.TrimPrefix(first, "sudo: "), 120))
		out.Hint, out.Permanent = "permit it without a password (NOPASSWD) in sudoers there, or sign in as somebody who may, with `user` in the target's via", true
	case res.ExitCode == notFound && !h.Local():
		out.Hint, out.Permanent = "install the program on "+h.String()+", or give its whole path", true
	default:
		return err
	}
	return &out
}

// sudoRefused reports whether it was sudo that ended badly, not what it was to
// run.
func (h *Host) sudoRefused(res process.Result) bool {
	return h.sudo && res.ExitCode == 1 && strings.HasPrefix(firstLine(res.Stderr), "sudo: ")
}

// fileProblem says why a script refused. What is missing is fs.ErrNotExist.
func (h *Host) fileProblem(path string, exit int, stderr string) error {
	e := &action.Error{Permanent: true}
	what := action.CleanLine(path, 200) + " on " + h.String()
	switch exit {
	case exitMissing:
		e.Message, e.Cause, e.Hint = what+" is not there", fs.ErrNotExist, "correct the path in the environment's target"
	case exitDangling:
		e.Message = what + " is a symbolic link to a file that does not exist"
	case exitIrregular:
		e.Message = what + " is not a regular file"
	case exitShort:
		e.Message, e.Permanent = what+" was left as it was: the connection was lost before all of it had arrived", false
	case exitOwner:
		e.Message, e.Hint = what+" has an owner, group, access list or attribute that cannot be kept, so it was left as it was", "act as its owner, or as root with `via: {sudo: true}`"
	case exitLinks:
		e.Message, e.Hint = what+" has another name besides (a hard link), which would go on naming the old bytes, so it was left as it was", oneName
	case exitBusy:
		e.Message, e.Permanent, e.Cause, e.Hint = what+" was left as it was", false, durable.ErrBusy, tryAgain
	case exitChanged:
		e.Message, e.Permanent, e.Cause, e.Hint = what+" was left as it was", false, durable.ErrChanged, tryAgain
	default:
		e.Message, e.Permanent = what+" could not be used", false
		e.Cause = causeOf(stderr)
		if strings.Contains(stderr, "ermission denied") {
			e.Hint = "act as somebody who may, or as root with `sudo: true` in the target's via"
		}
	}
	return e
}

// hereProblem is fileProblem for a file of this process's own.
func hereProblem(verb, path string, err error) error {
	var known *action.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	e := &action.Error{Message: fmt.Sprintf("cannot %s %s", verb, action.CleanLine(path, 200)), Cause: err}
	var reason *fs.PathError
	if errors.As(err, &reason) {
		e.Cause = reason.Err
	}
	var lost *durable.LostError
	switch {
	case errors.As(err, &lost) && lost.What == durable.Links:
		e.Hint, e.Permanent = oneName, true
	case errors.Is(err, durable.ErrChanged), errors.Is(err, durable.ErrBusy):
		e.Hint = tryAgain
	case errors.As(err, &lost), errors.Is(err, fs.ErrPermission):
		e.Hint = "act as somebody who may, or as root with `via: {sudo: true}`"
	case errors.Is(err, fs.ErrNotExist):
		e.Hint, e.Permanent = "correct the path in the environment's target", true
	}
	return e
}

// tryAgain is what to do when somebody else was changing a file.
const tryAgain = "retry: irctl reads it again"

// oneName is what to do about hard links.
const oneName = "find the other name (find -samefile) and make it a symbolic link to this one"

// Certain is an error of something that only looks: whatever became of it,
// nothing was changed, so it is not in doubt.
func Certain(err error) error {
	var e *action.Error
	if !errors.As(err, &e) || !e.Doubt {
		return err
	}
	sure := *e
	sure.Doubt = false
	return &sure
}

// Advise is an error with a hint, if it has none of its own.
func Advise(err error, hint string) error {
	var e *action.Error
	if !errors.As(err, &e) || e.Hint != "" {
		return err
	}
	advised := *e
	advised.Hint = hint
	return &advised
}

func tooLarge(path string) error {
	return &action.Error{Message: fmt.Sprintf("%s is larger than %d MiB", action.CleanLine(path, 200), maxFile>>20), Permanent: true}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// causeOf is what a program said last, nil if it said nothing.
func causeOf(stderr string) error {
	if words := lastLine(stderr); words != "" {
		return errors.New(words)
	}
	return nil
}

// lastLine is the last line of a text, where programs say why.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return action.CleanLine(lines[len(lines)-1], 200)
}

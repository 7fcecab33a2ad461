package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/suggest"
)

// labDir is where the lab of this home lives.
func (a *app) labDir() string { return filepath.Join(a.abs(a.home), "lab") }

func newLabCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "lab",
		group: groupSetup,
		short: "An embedded company to practise on",
		long: `The lab is a small company on this machine's loopback: a customer portal, a mail
server, a staff directory, a case folder and a mailbox outside the company. Each
IRCTL_HOME has its own. Use it with --env lab.`,
		example: `
  irctl lab up
  irctl run containment --env lab --input incident=INC-1`,
	},
		newLabUpCmd(a, nil), newLabStatusCmd(a), newLabDownCmd(a), newLabResetCmd(a),
		newLabProbeCmd(a, nil), newLabServeCmd(a),
	)
}

func newLabUpCmd(a *app, up func(ctx context.Context) (lab.Status, error)) *cobra.Command {
	if up == nil {
		up = func(ctx context.Context) (lab.Status, error) {
			return lab.Up(ctx, a.labDir(), a.Executable, "lab", "serve", "--home", a.abs(a.home))
		}
	}
	return a.command(spec{
		use:   "up",
		short: "Start the lab, if it does not run",
		example: `
  irctl lab up`,
		run: func(cmd *cobra.Command, _ []string) error {
			s, err := up(cmd.Context())
			if err != nil {
				return failf(err, "the lab did not start").with("irctl lab status", "irctl lab down")
			}
			return a.showLab(s)
		},
	})
}

func newLabStatusCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "status",
		short: "Show how the lab is doing",
		long:  "Show how the lab is doing: where its systems listen, and what is off.",
		example: `
  irctl lab status
  irctl lab status -o json`,
		run: func(cmd *cobra.Command, _ []string) error {
			s, err := lab.Look(cmd.Context(), a.labDir())
			if err != nil {
				return failf(err, "cannot look at the lab")
			}
			return a.showLab(s)
		},
	})
}

// showLab writes the lab's status; a lab that does not run is no failure.
func (a *app) showLab(s lab.Status) error {
	p := a.print()
	if a.json() {
		return p.JSON(s)
	}
	if !s.Running {
		_ = p.Say("The lab is not running.")
		return p.Next("irctl lab up")
	}
	offline := func(is bool) string {
		if is {
			return "offline"
		}
		return "online"
	}
	mail, payments := "accepts mail", "not published"
	if s.Systems.MailSuspended {
		mail = "suspended"
	}
	if s.Systems.PaymentsPublished {
		payments = "published"
	}
	_ = p.Facts("The lab is running.",
		[2]string{"process", strconv.Itoa(s.PID) + ", since " + s.Since.UTC().Format(time.RFC3339)},
		[2]string{"folder", s.Dir},
		[2]string{"portal", "http://" + s.Addresses.Portal + ", " + offline(s.Systems.PortalOffline)},
		[2]string{"mail", s.Addresses.Mail + ", " + mail},
		[2]string{"directory", "ldap://" + s.Addresses.Directory},
		[2]string{"other ways to pay", payments},
		[2]string{"outside", "http://" + s.Addresses.Outside},
	)
	return p.Next("irctl run containment --env lab --input incident=INC-1", "irctl lab down")
}

func newLabDownCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "down",
		short: "End the lab and keep its state",
		example: `
  irctl lab down`,
		run: func(cmd *cobra.Command, _ []string) error {
			was, err := lab.Down(cmd.Context(), a.labDir())
			if err != nil {
				return failf(err, "the lab did not end")
			}
			if a.json() {
				return a.print().JSON(map[string]bool{"running": false, "was_running": was})
			}
			if was {
				return a.print().Say("The lab has ended. Its state is kept; irctl lab reset clears it.")
			}
			return a.print().Say("The lab was not running.")
		},
	})
}

func newLabResetCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "reset",
		short: "Make the lab what it was on its first day",
		example: `
  irctl lab reset`,
		run: func(cmd *cobra.Command, _ []string) error {
			if err := lab.Reset(cmd.Context(), a.labDir()); err != nil {
				return failf(err, "the lab was not reset")
			}
			if a.json() {
				return a.print().JSON(map[string]bool{"reset": true})
			}
			return a.print().Say("The lab is as on its first day. Runs are kept.")
		},
	})
}

// newLabServeCmd is the process that lab up starts.
func newLabServeCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:    "serve",
		short:  "Run the lab in this process",
		hidden: true,
		run: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := a.untilSignal(cmd.Context())
			defer stop()
			if err := lab.Serve(ctx, lab.Config{Dir: a.labDir(), Log: a.Stderr, Now: a.Now}); err != nil {
				return failf(err, "the lab cannot run")
			}
			return nil
		},
	})
}

// probes are the systems that lab probe can look at.
var probes = []string{"mail", "portal", "payments", "login"}

// probing is what lab probe was asked for.
type probing struct{ system, account, password string }

func newLabProbeCmd(a *app, run func(ctx context.Context, w probing) error) *cobra.Command {
	var w probing
	if run == nil {
		run = a.probe
	}
	cmd := a.command(spec{
		use:   "probe SYSTEM [ACCOUNT]",
		short: "Look at one of the lab's systems from outside",
		long: `Look at one of the lab's systems as an outsider would, and show its answer:
mail (an envelope over SMTP), portal and payments (pages over HTTP), login
ACCOUNT (a bind over LDAP, with the password that the intruder knows).`,
		example: `
  irctl lab probe mail
  irctl lab probe login alice`,
		args: nargs(1, 2),
		run: func(cmd *cobra.Command, args []string) error {
			w.system = args[0]
			switch {
			case !slices.Contains(probes, w.system):
				p := usagef("the lab has no system %q", w.system)
				if near := suggest.Near(w.system, probes); near != "" {
					return p.with("irctl lab probe " + near)
				}
				return p.with(probes...)
			case w.system == "login" && len(args) < 2:
				return usagef("whose login?").with("irctl lab probe login alice")
			case w.system == "login":
				w.account = args[1]
			case len(args) > 1:
				return usagef("%q is one argument too many", args[1]).with(seeHelp(cmd))
			}
			return run(cmd.Context(), w)
		},
	})
	cmd.ValidArgs = probes
	cmd.Flags().StringVar(&w.password, "password", "", "of the login, instead of the first `password`")
	return cmd
}

func (a *app) probe(ctx context.Context, w probing) error {
	status, err := lab.Look(ctx, a.labDir())
	if err != nil {
		return failf(err, "cannot look at the lab")
	}
	if !status.Running {
		return (&problem{exit: ExitFailed, what: "the lab is not running"}).with("irctl lab up")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var answer lab.Answer
	switch w.system {
	case "mail":
		answer, err = lab.ProbeMail(ctx, status.Addresses)
	case "portal":
		answer, err = lab.ProbePortal(ctx, status.Addresses, "portal", "/")
	case "payments":
		answer, err = lab.ProbePortal(ctx, status.Addresses, "payments", "/other-ways-to-pay")
	case "login":
		answer, err = lab.ProbeLogin(ctx, status.Addresses, w.account, w.password)
	}
	if err != nil {
		return failf(err, "the lab did not answer")
	}
	return a.showAnswer(answer)
}

func (a *app) showAnswer(answer lab.Answer) error {
	if a.json() {
		return a.print().JSON(answer)
	}
	lines := append(answer.Headers, answer.Text...)
	if answer.System == "login" {
		return a.print().Document(strings.Join(lines, "\n"))
	}
	return a.print().Document(strings.Join(append([]string{answer.System + " answers " + strconv.Itoa(answer.Code)}, lines...), "\n"))
}

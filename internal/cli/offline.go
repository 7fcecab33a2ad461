package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/view"
)

// offlineOptions is what approve was asked for that goes between two homes.
type offlineOptions struct {
	offline, no bool
	request     string // a code, a file, or - for standard input
}

// offline lets approve carry a question to where the run is not, and answer one.
func offline(a *app, verbs []*cobra.Command) []*cobra.Command {
	cmd := verbs[0] // approve
	var o offlineOptions
	cmd.Flags().BoolVar(&o.offline, "offline", false, "show the question as a code to carry to whoever answers elsewhere")
	cmd.Flags().StringVar(&o.request, "request", "", "with --offline: answer the question of this `code`, file, or - for what is pasted")
	cmd.Flags().BoolVar(&o.no, "refuse", false, "with --request: say no")
	cmd.MarkFlagsMutuallyExclusive("offline", "response")
	arguments, online := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if o.offline && o.request != "" {
			return command.Between(0, 0)(cmd, args)
		}
		return arguments(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := command.Unset(cmd, args); err != nil {
			return err
		}
		text := func(name string) string { v, _ := cmd.Flags().GetString(name); return v }
		switch {
		case (o.request != "" || o.no) && (!o.offline || o.request == ""):
			return command.Usagef("--request goes with --offline, and --refuse with both").With(command.SeeHelp(cmd))
		case o.request != "":
			w := request.Answer{As: text("as"), Role: text("role"), Comment: text("comment"), Yes: !o.no}
			yes, _ := cmd.Flags().GetBool("yes")
			return a.answerOffline(cmd.Context(), o.request, w, yes)
		case o.offline:
			return a.askOffline(args[0], args[1])
		}
		return online(cmd, args)
	}
	return verbs
}

// askOffline shows what a step asks as a code.
func (a *app) askOffline(run, step string) error {
	q, lines, err := a.desk().Carry(run, step)
	if err != nil {
		return err
	}
	if a.json() {
		return a.print().JSON(map[string]any{"run": q.Run, "path": q.Step, "until": projection.Time{Time: q.Until}, "request": lines})
	}
	_ = a.print().Note("Who answers types irctl approve --offline --request - and pastes these lines, or reads the picture. The answer comes back as lines, too, and counts until " + q.Until.Format(time.RFC3339) + ".")
	_ = a.print().Note("Then: " + projection.Command("approve", q.Run, q.Step, "--response", "-"))
	return a.print().Code(lines) // nothing else: it may be piped
}

// answerOffline signs the answer to a question from elsewhere.
func (a *app) answerOffline(ctx context.Context, from string, w request.Answer, yes bool) error {
	code, err := a.pasted(from)
	if err != nil {
		return err
	}
	q, err := request.ReadQuestion(code)
	if err != nil {
		return err
	}
	question := view.Carried{Run: q.Run, Step: q.Step, Asks: q.Asks, Roles: q.Roles, Until: q.Until, Yes: w.Yes}
	switch ask := !yes && a.print().Interactive(); {
	case ask:
		if err := agreed(a.print().AgreeCarried(question)); err != nil {
			return err
		}
	default:
		_ = a.print().Carried(question)
	}
	var people authority.People
	if env, _, err := a.library().Environment(a.env); err == nil && env != nil {
		people = env.People
	}
	signer, err := a.signer(func(sshsig.Key) bool { return false })
	if err != nil {
		return err
	}
	lines, err := request.Reply(ctx, q, w, people, signer, a.Now().UTC())
	if err != nil {
		return err
	}
	if a.json() {
		return a.print().JSON(map[string]any{"run": q.Run, "path": q.Step, "response": lines})
	}
	return a.print().Code(lines)
}

// pasted is a code as it was given: itself, in a file, or on standard input.
func (a *app) pasted(given string) (string, error) {
	if given == "-" {
		text, err := io.ReadAll(io.LimitReader(a.Stdin, 64<<10))
		return string(text), err
	}
	if strings.Contains(given, "/") && strings.Contains(given, " ") { // 1/6 ABCDE ...
		return given, nil
	}
	text, err := a.library().Bytes(a.abs(given))
	if err != nil {
		return "", command.Failf(err, "cannot read the code")
	}
	return string(text), nil
}

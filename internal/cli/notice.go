package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/runbooks"
)

func newNoticeCmd(a *app) *cobra.Command {
	return command.Parent("notice", "See what customers will read before it is sent", newNoticeShowCmd(a), newNoticePreviewCmd(a, a.previewNotice))
}

func newNoticeShowCmd(a *app) *cobra.Command {
	var language string
	cmd := command.New("show NOTICE", "Show the text of a shipped notice, to begin with", func(_ context.Context, args []string) error {
		text, ok := runbooks.Notice(args[0], language)
		if !ok {
			return command.Usagef("irctl has no notice %s in %s", args[0], language).Meant("irctl notice show", args[0], runbooks.NoticeNames(), "irctl help notices")
		}
		return a.print().Raw(text)
	}, a.completeNotices)
	cmd.Flags().StringVar(&language, "language", "en", "in this `language`: en, es or fr")
	return cmd
}

// noticeOptions is which notice is to be shown as whom it reaches gets it.
type noticeOptions struct {
	mailing.Options
	set    []string
	reader string // an address; "" is one reader in each language
	all    bool
}

func newNoticePreviewCmd(a *app, run func(noticeOptions) error) *cobra.Command {
	var o noticeOptions
	cmd := command.New("preview NOTICE LIST", "Show what each reader of a list gets, and send nothing", func(_ context.Context, args []string) (err error) {
		o.Template, o.List, o.Folder = args[0], args[1], a.Dir
		if o.Values, err = command.Pairs("set", o.set); err != nil {
			return err
		}
		return run(o)
	}, a.completeNotices, command.ExitInvalid)
	cmd.Flags().StringArrayVar(&o.set, "set", nil, "what the notice names, the same for all, as `NAME=VALUE`; NAME.es=VALUE in Spanish")
	cmd.Flags().StringVar(&o.Codes, "codes", "", "the `file` of codes; none is shown, and none is handed out")
	cmd.Flags().StringVar(&o.Language, "language", "en", "the `language` for readers who ask for none that there is")
	cmd.Flags().StringVar(&o.reader, "reader", "", "what the reader with this `address` gets")
	cmd.Flags().BoolVar(&o.all, "all", false, "what every reader gets")
	return cmd
}

// shownLetter is what a reader gets, as JSON.
type shownLetter struct {
	Line     int    `json:"line"`
	Address  string `json:"address"`
	Language string `json:"language"`
	Subject  string `json:"subject"`
	Body     string `json:"body"`
}

func (a *app) previewNotice(o noticeOptions) error {
	n, err := mailing.Open(o.Options)
	if err != nil {
		hint := ""
		if e := (*action.Error)(nil); errors.As(err, &e) {
			hint = e.Hint
		}
		return command.Fails(command.ExitInvalid, err, hint)
	}
	if !o.all && o.reader == "" && !a.json() {
		return a.print().Document(n.Draft())
	}
	letters := []shownLetter{}
	for i, r := range n.Readers {
		if o.reader != "" && !strings.EqualFold(o.reader, r.Address) {
			continue
		}
		l, err := n.Letter(i, n.Masked(i))
		if err != nil {
			return err
		}
		letters = append(letters, shownLetter{r.Line, r.Address, l.Language, l.Subject, l.Body})
	}
	if len(letters) == 0 {
		return command.Usagef("nobody in %s has the address %s", o.List, o.reader)
	}
	if a.json() {
		return a.print().JSON(letters)
	}
	var b strings.Builder
	for _, l := range letters {
		to := l.Address
		if to == "" {
			to = "(no address, so by post or telephone)"
		}
		fmt.Fprintf(&b, "--- line %d, %s\nTo: %s\nSubject: %s\n\n%s\n", l.Line, l.Language, to, l.Subject, l.Body)
	}
	return a.print().Document(action.Clean(b.String()))
}

func (a *app) completeNotices(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return runbooks.NoticeNames(), cobra.ShellCompDirectiveDefault
}

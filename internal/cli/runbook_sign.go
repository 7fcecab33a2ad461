package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
)

func newRunbookSignCmd(run func(ctx context.Context, file, key string) error) *cobra.Command {
	key := ""
	cmd := command.New("sign FILE", "Sign a runbook or an environment with your SSH key", func(ctx context.Context, args []string) error {
		return run(ctx, args[0], key)
	}, nil)
	cmd.Flags().StringVar(&key, "key", "", "sign with this `key`, a file or a fingerprint, instead of the one that irctl key use chose")
	return cmd
}

func newRunbookVerifyCmd(run func(file, trusted string) error) *cobra.Command {
	trusted := ""
	cmd := command.New("verify FILE", "Say who signed a runbook or an environment", func(_ context.Context, args []string) error {
		return run(args[0], trusted)
	}, nil, command.ExitInvalid)
	cmd.Flags().StringVar(&trusted, "trusted", "", "the `file` of those who may sign, as ssh-keygen(1) describes allowed signers")
	return cmd
}

func (a *app) signRunbook(ctx context.Context, file, key string) error {
	signer, err := a.openKey(key)
	if err != nil {
		return err
	}
	d, to, err := a.library().Sign(ctx, file, signer)
	if err != nil {
		return err
	}
	return a.tell(map[string]string{"file": d.Path, "signature": a.short(to), "key": signer.Key().Fingerprint()},
		"Signed "+d.Path+" with "+signer.Key().Fingerprint()+": "+a.short(to)+".")
}

func (a *app) verifyRunbook(file, trusted string) error {
	if trusted == "" {
		return command.Usagef("--trusted is missing: whose signatures count").With("irctl runbook verify " + file + " --trusted allowed_signers")
	}
	d, err := a.library().Read("", file)
	if err != nil {
		return err
	}
	if _, err := os.Stat(a.abs(trusted)); err != nil {
		return command.Fails(command.ExitInvalid, err, "Nothing was verified.")
	}
	who, err := a.library().Vouched(d, library.KindRunbook, environment.Signing{Trusted: a.abs(trusted)})
	if err != nil {
		return err
	}
	return a.tell(who, d.Path+" is signed by "+who.Signee+" ("+who.Algorithm+", "+who.KeyPrint+").")
}

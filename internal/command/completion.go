package command

import (
	"bytes"
	_ "embed"

	"github.com/spf13/cobra"
)

// Shells are those that completion knows.
var Shells = []string{"bash", "zsh", "fish", "powershell"}

// plainBash splits a line into words where the package bash-completion is not
// installed, of which cobra's script uses the functions.
//
//go:embed completion.bash
var plainBash string

// Completion is the script by which a shell completes commands.
func Completion(root *cobra.Command, shell string) (string, error) {
	var b bytes.Buffer
	write := map[string]func() error{
		"bash":       func() error { return root.GenBashCompletionV2(&b, true) },
		"zsh":        func() error { return root.GenZshCompletion(&b) },
		"fish":       func() error { return root.GenFishCompletion(&b, true) },
		"powershell": func() error { return root.GenPowerShellCompletionWithDesc(&b) },
	}[shell]
	if write == nil {
		return "", Usagef("there is no completion for %q", shell).Meant("irctl completion", shell, Shells, "irctl completion bash")
	}
	if err := write(); err != nil {
		return "", Failf(err, "cannot make the completion script")
	}
	if shell == "bash" {
		b.WriteString(plainBash)
	}
	return b.String(), nil
}

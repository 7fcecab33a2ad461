package check

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// secretFlag is an argument that is followed by a secret, or holds one.
var secretFlag = pattern.Late(`(?i)^--?(password|passwd|passphrase|secret|token|api-?key|access-?key|auth-?token)(=(.*))?$`)

// elsewhere are values of such an argument that say where the secret is.
var elsewhere = pattern.Late(`^(-|@.*|(env|file|fd|pass):.*|)$`)

var SecretInArgv = codes.Warning("IR0304", "a secret among a command's arguments",
	"Every user of the machine can list the arguments of every process, and many systems log them. Hand a secret over as an environment variable (`env`), on standard input (`stdin`), or as the name of a file that holds it. A secret input is refused there anyway (IR0223).")

var _ = rules.step.add((*reviewer).secretInArgv)

// secretInArgv: a secret among a command's arguments is read by everybody who
// may list processes. Inputs that are declared secret are refused anyway; this
// finds the others.
func (r *reviewer) secretInArgv(n *node) {
	a := r.acts[n]
	if a == nil {
		return
	}
	for _, argv := range commandLines(n.step.Uses, a.spec) {
		for i, item := range argv {
			m := secretFlag().FindStringSubmatch(item.Text)
			if m == nil {
				continue
			}
			value := m[3]
			if m[2] == "" {
				if i+1 == len(argv) || strings.HasPrefix(argv[i+1].Text, "--") {
					continue
				}
				item = argv[i+1]
				value = item.Text
			}
			if !elsewhere().MatchString(value) {
				r.report(SecretInArgv, item.Span, "a secret among the arguments of a command: every user of the machine can read it",
					"hand it over as `env` or `stdin`, or name a file that holds it")
			}
		}
	}
}

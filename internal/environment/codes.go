package environment

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// Codes returns the codes of this package's diagnostics, sorted.
func Codes() []language.Code { return slices.Clone(codes) }

var codes = []language.Code{
	{
		ID: "IR0401", Severity: runbook.Error, Title: "unknown type of target",
		Explanation: "The type says what kind of system a target is and so which actions can act on it. Any system without a type of its own can be described as `http` or `command`.",
		Bad: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: htpp
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
`,
		Good: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
`,
	},
	{
		ID: "IR0402", Severity: runbook.Error, Title: "target's config is not right",
		Explanation: "Each type of target has its own fields. `irctl target types` shows them.",
		Bad: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base-url: "https://mail.example.com", rotate: {path: /rotate}}
`,
		Good: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
`,
	},
	{
		ID: "IR0403", Severity: runbook.Error, Title: "secret is not declared",
		Explanation: "{secret: NAME} in a target refers to an entry of `secrets:`, which says where the secret lies.",
		Bad: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKNE}}
      rotate: {path: /rotate}
`,
		Good: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
	},
	{
		ID: "IR0404", Severity: runbook.Error, Title: "secret stands in the file",
		Explanation: "An environment file is copied into every run and read by many. It names where a secret lies (a file with mode 0600, a variable, a program), never the secret. The line is not shown. Change a secret that stood in the file.",
		Bad: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: hunter2
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
		Good: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
	},
	{
		ID: "IR0405", Severity: runbook.Error, Title: "secret lies in no place, or in several",
		Explanation: "A secret has one of `file`, `env`, `exec` and `age`, and the last goes with `identity`.",
		Bad: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN, file: token}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
		Good: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
	},
	{
		ID: "IR0406", Severity: runbook.Warning, Title: "secret is not used",
		Explanation: "No target refers to it. It may be misspelt, or left over.",
		Bad: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
`,
		Good: `
irctl: v1
kind: environment
name: acme
secrets:
  TOKEN: {env: MAIL_TOKEN}
targets:
  mail:
    type: http
    config:
      base_url: https://mail.example.com
      headers: {Authorization: {secret: TOKEN}}
      rotate: {path: /rotate}
`,
	},
	{
		ID: "IR0407", Severity: runbook.Warning, Title: "person whom nobody can act as",
		Explanation: "Approvals are given by login name: `user` says which one is this person's.",
		Bad: `
irctl: v1
kind: environment
name: acme
people:
  dana: {roles: [commander]}
`,
		Good: `
irctl: v1
kind: environment
name: acme
people:
  dana: {roles: [commander], user: dana}
`,
	},
	{
		ID: "IR0408", Severity: runbook.Error, Title: "agent of a playbook is bound to no target",
		Explanation: "`playbooks: {bind: ...}` leads an agent or target of a CACAO playbook, by its id or its name, to a target of this environment. That target is not there.",
		Bad: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
playbooks:
  bind: {mail-server: mial}
`,
		Good: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
playbooks:
  bind: {mail-server: mail}
`,
	},
	{
		ID: "IR0409", Severity: runbook.Error, Title: "target bound to another target",
		Explanation: "What a playbook calls its agent is also the name of a target here, and the line would lead to another one. A reader could not tell which system is acted on.",
		Bad: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
  web:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
playbooks:
  bind: {web: mail}
`,
		Good: `
irctl: v1
kind: environment
name: acme
targets:
  mail:
    type: http
    config: {base_url: "https://mail.example.com", rotate: {path: /rotate}}
playbooks:
  bind: {web: mail}
`,
	},
	{
		ID: "IR0410", Severity: runbook.Error, Title: "trust in signed playbooks is not clear",
		Explanation: "`signed: required` refuses every playbook without a good signature by one of `trusted`, each with a name and one public key or certificate: {file: PATH}, or {pem: TEXT}. A private key has no place here.",
		Bad: `
irctl: v1
kind: environment
name: acme
playbooks: {signed: required}
`,
		Good: `
irctl: v1
kind: environment
name: acme
playbooks:
  signed: required
  trusted:
    - {name: soc, key: {file: soc.pem}}
`,
	},
	{
		ID: "IR0411", Severity: runbook.Error, Title: "place of new secrets is not clear",
		Explanation: "`new_secrets` names a folder, whose files may be encrypted with age to those who may read them, or a program that stores what it reads from its input.",
		Bad: `
irctl: v1
kind: environment
name: acme
new_secrets: {read: [get]}
`,
		Good: `
irctl: v1
kind: environment
name: acme
new_secrets: {folder: new-secrets}
`,
	},
	{ID: "IR0412", Severity: runbook.Warning, Title: "secret cannot be read here", Explanation: "The place that `secrets:` names was looked at, not the secret. It may be on another machine that it lies there; on the one that runs irctl it has to, and nobody else may read it.", Unshown: "it is about what lies on the machine, and not about what stands in the file"},
	{ID: "IR0413", Severity: runbook.Error, Title: "weaker than the machine's policy", Explanation: "Whoever administers the machine says in irctl/policy.yaml of its configuration folder what environments may allow at most, whose signatures count, and what approvals must be at least. An environment may be stricter.", Unshown: "it needs the policy of a machine beside the environment"},
	{
		ID: "IR0414", Severity: runbook.Error, Title: "not a network",
		Explanation: "A network is an address with the length of its prefix, as in 192.0.2.0/24 (RFC 4632 section 3.1).",
		Bad: `
irctl: v1
kind: environment
name: acme
allow: {networks: [office]}
`,
		Good: `
irctl: v1
kind: environment
name: acme
allow: {networks: [192.0.2.0/24]}
`,
	},
	{
		ID: "IR0415", Severity: runbook.Error, Title: "not a public key",
		Explanation: "A person's keys are SSH public keys: a type, the key in base64 and perhaps a comment, on one line (sshd(8), AUTHORIZED_KEYS FILE FORMAT), without options. A private key has no place in an environment.",
		Bad: `
irctl: v1
kind: environment
name: acme
people:
  dana: {roles: [commander], user: dana, keys: [id_ed25519]}
`,
		Good: `
irctl: v1
kind: environment
name: acme
people:
  dana: {roles: [commander], user: dana, keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f]}
`,
	},
}

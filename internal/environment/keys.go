package environment

import "github.com/irctl/irctl/pkg/runbook"

// Table is the keys of an environment file.
func Table() runbook.Table { return fileTable }

var fileTable = runbook.NewTable(append(runbook.Header("environment"),
	runbook.Key{Name: "name", Required: true, Forms: runbook.AName(runbook.StepName), Example: "acme",
		Description: "The environment's short name."},
	runbook.Key{Name: "title", Forms: runbook.AText(), Example: "ACME's systems",
		Description: "What people read instead of the name."},
	runbook.Key{Name: "allow", Forms: runbook.AMapping(allowTable), Example: "{loopback: true}",
		Description: "What irctl may talk to besides ordinary addresses."},
	runbook.Key{Name: "values", Forms: runbook.Entries(runbook.VariableName, runbook.AText()...), Example: `{helpline: "+1 555 0100"}`,
		Description: "Texts for runbooks to use, as `${{ env.NAME }}`."},
	runbook.Key{Name: "secrets", Forms: runbook.Entries(runbook.ConstantName, runbook.AMapping(secretTable)...), Example: "{LDAP_PASSWORD: {env: LDAP_PASSWORD}}",
		Description: "Where secrets lie; a secret never stands in the file."},
	runbook.Key{Name: "new_secrets", Forms: runbook.AMapping(newSecretsTable), Example: "{folder: new-secrets}",
		Description: "Where new credentials go."},
	runbook.Key{Name: "people", Forms: runbook.Entries(runbook.StepName, runbook.AMapping(personTable)...), Example: "{dana: {roles: [commander], user: dana}}",
		Description: "Who may approve, answer and decide."},
	runbook.Key{Name: "targets", Forms: runbook.Entries(runbook.StepName, runbook.AMapping(targetTable)...), Example: "{cases: {type: case-folder, config: {folder: cases}}}",
		Description: "The systems that runbooks act on, by the names that runbooks use."},
	runbook.Key{Name: "playbooks", Forms: runbook.AMapping(playbooksTable), Example: "{signed: optional}",
		Description: "How CACAO playbooks are run here."},
)...)

var allowTable = runbook.NewTable(
	runbook.Key{Name: "loopback", Forms: runbook.YesNo(), Default: "false", Example: "true",
		Description: "Whether targets on this machine itself are allowed: 127.0.0.0/8 and ::1."},
	runbook.Key{Name: "link_local", Forms: runbook.YesNo(), Default: "false", Example: "true",
		Description: "Whether link-local addresses are allowed: 169.254.0.0/16 and fe80::/10."},
	runbook.Key{Name: "networks", Forms: runbook.Texts(), Example: "[192.0.2.0/24]",
		Description: "The only networks that irctl may connect to, besides loopback and link-local where those are allowed; without it, all."},
)

// PolicyTable is the keys of a machine's policy file.
func PolicyTable() runbook.Table { return policyTable }

var policyTable = runbook.NewTable(append(runbook.Header("policy"),
	runbook.Key{Name: "allow", Forms: runbook.AMapping(allowTable), Example: "{loopback: false}",
		Description: "What environments may allow at most."},
	runbook.Key{Name: "approvals", Forms: []runbook.Form{{Shape: runbook.ListShape, Of: runbook.AMapping(approvalRuleTable)}}, Example: "[{roles: [commander], need: 2}]",
		Description: "What approvals must be at least, whatever a runbook asks for."},
	runbook.Key{Name: "playbooks", Forms: runbook.AMapping(policyPlaybooksTable), Example: "{signed: optional}",
		Description: "Whose CACAO playbooks may run."},
)...)

var approvalRuleTable = runbook.NewTable(
	runbook.Key{Name: "roles", Forms: runbook.Texts(), Example: "[commander]",
		Description: "Approvals by any of these roles; without it, all approvals."},
	runbook.Key{Name: "need", Forms: []runbook.Form{{Shape: runbook.WholeShape}}, Example: "2",
		Description: "How many different persons must agree at least."},
	runbook.Key{Name: "not_requester", Forms: runbook.YesNo(), Default: "false", Example: "true",
		Description: "Whoever started the run does not count."},
)

var policyPlaybooksTable = runbook.NewTable(
	runbook.Key{Name: "signed", Forms: runbook.AWord("required", "optional"), Default: "optional", Example: "optional",
		Description: "Whether a playbook must bear a good signature by one of `trusted`."},
	runbook.Key{Name: "trusted", Forms: []runbook.Form{{Shape: runbook.ListShape, Of: runbook.AMapping(trustedTable)}}, Example: "[{name: soc, key: {file: soc.pem}}]",
		Description: "The only ones whose signatures environments may accept."},
)

var secretTable = oneOf([]string{"file", "env", "exec", "age"},
	runbook.Key{Name: "file", Forms: runbook.AText(), Example: "secrets/ldap",
		Description: "A file that nobody else can read; a relative path begins at the environment's folder."},
	runbook.Key{Name: "env", Forms: runbook.AText(), Example: "LDAP_PASSWORD",
		Description: "A variable of the process's environment."},
	runbook.Key{Name: "exec", Forms: runbook.Texts(), Example: "[pass, show, ldap]",
		Description: "A program that prints the secret, with its arguments."},
	runbook.Key{Name: "age", Forms: runbook.AText(), Example: "secrets/ldap.age",
		Description: "A file encrypted with age; it goes with `identity`."},
	runbook.Key{Name: "identity", Forms: runbook.AText(), Example: "/etc/irctl/age.key",
		Description: "The file with the age identity that decrypts it, which nobody else can read."},
)

func oneOf(names []string, keys ...runbook.Key) runbook.Table {
	t := runbook.NewTable(keys...)
	t.OneOf = names
	return t
}

var newSecretsTable = oneOf([]string{"folder", "exec"},
	runbook.Key{Name: "folder", Forms: runbook.AText(), Example: "new-secrets",
		Description: "A folder; it is made with mode 0700."},
	runbook.Key{Name: "age", Forms: runbook.Texts(), Example: "[age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]",
		Description: "Who can read them: age recipients or SSH public keys, to whom each file of the folder is encrypted."},
	runbook.Key{Name: "identity", Forms: runbook.AText(), Example: "/etc/irctl/age.key",
		Description: "The file with the age identity by which irctl itself reads them back; without it irctl cannot."},
	runbook.Key{Name: "exec", Forms: runbook.Texts(), Example: "[pass-irctl, put]",
		Description: "A program that stores the secret it reads from its input under the name that is its last argument."},
	runbook.Key{Name: "read", Forms: runbook.Texts(), Example: "[pass-irctl, get]",
		Description: "A program that prints the secret whose name is its last argument; without it irctl cannot read back what `exec` stored."},
)

var personTable = runbook.NewTable(
	runbook.Key{Name: "name", Forms: runbook.AText(), Example: "Dana Fields",
		Description: "The full name."},
	runbook.Key{Name: "roles", Forms: runbook.Texts(), Example: "[commander]",
		Description: "What the person may approve as."},
	runbook.Key{Name: "user", Forms: runbook.AText(), Example: "dana",
		Description: "The login name that may act as the person; \"*\" is everybody on the machine."},
	runbook.Key{Name: "email", Forms: runbook.AText(), Example: "dana@example.com",
		Description: "Where mail reaches the person."},
	runbook.Key{Name: "phone", Forms: runbook.AText(), Example: `"+1 555 0101"`,
		Description: "Where a call reaches the person."},
	runbook.Key{Name: "keys", Forms: runbook.Texts(), Example: "[ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f]",
		Description: "The person's SSH public keys, one line each, as in an authorized_keys file."},
)

var targetTable = runbook.NewTable(
	runbook.Key{Name: "type", Required: true, Forms: []runbook.Form{{Shape: runbook.TargetTypeShape}}, Example: "ldap",
		Description: "What kind of system it is; `irctl target types` lists them."},
	runbook.Key{Name: "zone", Forms: runbook.AText(), Example: "office",
		Description: "Where it stands."},
	runbook.Key{Name: "owner", Forms: runbook.AText(), Example: "it@example.com",
		Description: "Who answers for it."},
	runbook.Key{Name: "fallback", Forms: runbook.AText(), Example: "Call the directory team on +1 555 0102.",
		Description: "What to do by hand when the automation fails."},
	runbook.Key{Name: "description", Forms: runbook.AText(), Example: "Staff accounts.",
		Description: "What it is for."},
	runbook.Key{Name: "config", Forms: []runbook.Form{{Shape: runbook.ConfigShape}}, Example: "{url: 'ldaps://ldap.example.com'}",
		Description: "How to reach it: the fields of its type; a secret stands there as {secret: NAME}."},
)

var playbooksTable = runbook.NewTable(
	runbook.Key{Name: "signed", Forms: runbook.AWord("required", "optional"), Default: "optional", Example: "optional",
		Description: "Whether a playbook must bear a good signature by one of `trusted`."},
	runbook.Key{Name: "trusted", Forms: []runbook.Form{{Shape: runbook.ListShape, Of: runbook.AMapping(trustedTable)}}, Example: "[{name: soc, key: {file: soc.pem}}]",
		Description: "Whose signatures are accepted."},
	runbook.Key{Name: "bind", Forms: runbook.Entries(runbook.AnyName, runbook.AText()...), Example: "{web-server: portal}",
		Description: "Which target an agent or target of a playbook is, by its name or id."},
)

var trustedTable = runbook.NewTable(
	runbook.Key{Name: "name", Required: true, Forms: runbook.AName(runbook.StepName), Example: "soc",
		Description: "Who signs with it."},
	runbook.Key{Name: "key", Required: true, Forms: runbook.AMapping(keyTable), Example: "{file: soc.pem}",
		Description: "Their public key or certificate."},
)

var keyTable = oneOf([]string{"file", "pem"},
	runbook.Key{Name: "file", Forms: runbook.AText(), Example: "soc.pem",
		Description: "A file in PEM form; a relative path begins at the environment's folder."},
	runbook.Key{Name: "pem", Forms: runbook.AText(), Example: `"-----BEGIN PUBLIC KEY-----\n"`,
		Description: "The text itself."},
)

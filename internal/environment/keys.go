package environment

import "github.com/irctl/irctl/internal/language"

// Table is the keys of an environment file.
func Table() language.Table { return fileTable }

var fileTable = language.NewTable(append(language.Header("environment"),
	language.Key{Name: "name", Required: true, Forms: language.AName(language.StepName), Example: "acme",
		Description: "The environment's short name."},
	language.Key{Name: "title", Forms: language.AText(), Example: "ACME's systems",
		Description: "What people read instead of the name."},
	language.Key{Name: "runbooks", Forms: language.Texts(), Example: "[containment]",
		Description: "The runbooks that the environment is for: `irctl doctor` looks whether they would run; without it, at all."},
	language.Key{Name: "allow", Forms: language.AMapping(allowTable), Example: "{loopback: true}",
		Description: "What irctl may talk to besides ordinary addresses."},
	language.Key{Name: "pass", Forms: language.Texts(), Example: "[HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE]",
		Description: "Variables of irctl's own environment that the commands of this machine inherit besides PATH, HOME, TZ, LANG and the like. Never one that holds a secret: say that below `secrets:`."},
	language.Key{Name: "values", Forms: language.Entries(language.VariableName, language.AText()...), Example: `{helpline: "+1 555 0100"}`,
		Description: "Texts for runbooks to use, as `${{ env.NAME }}`."},
	language.Key{Name: "secrets", Forms: language.Entries(language.ConstantName, language.AMapping(secretTable)...), Example: "{LDAP_PASSWORD: {env: LDAP_PASSWORD}}",
		Description: "Where secrets lie; a secret never stands in the file."},
	language.Key{Name: "new_secrets", Forms: language.AMapping(newSecretsTable), Example: "{folder: new-secrets}",
		Description: "Where new credentials go."},
	language.Key{Name: "people", Forms: language.Entries(language.StepName, language.AMapping(personTable)...), Example: "{dana: {roles: [commander], user: dana}}",
		Description: "Who may approve, answer and decide."},
	revokedKey,
	language.Key{Name: "targets", Forms: language.Entries(language.StepName, language.AMapping(targetTable)...), Example: "{cases: {type: case-folder, config: {folder: cases}}}",
		Description: "The systems that runbooks act on, by the names that runbooks use."},
	language.Key{Name: "hosts", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(hostsTable)}, {Shape: language.FieldsShape, Keys: &hostsTable}}, Example: "[{group: web, from: 192.0.2.0/28, target: {type: nftables, config: {via: {ssh: '{host}'}}}}]",
		Description: "Groups of machines, each a target: GROUP:MACHINE. `irctl help groups` shows where they may be listed."},
	language.Key{Name: "notify", Forms: language.AMapping(notifyTable), Example: "{email: out-of-band-mail, remind: 5m}",
		Description: "How people are told that a run waits for them."},
	language.Key{Name: "clocks", Forms: []language.Form{{Shape: language.ListShape, Of: append(language.AText(), language.AMapping(clockTable)...)}}, Example: "[sec-8k, gdpr-authority]",
		Description: "Who must be told of an incident, and by when: names of `irctl clock list`, or clocks of one's own."},
	language.Key{Name: "calendars", Forms: language.Entries(language.StepName, language.AMapping(calendarTable)...), Example: `{berlin: {zone: Europe/Berlin, holidays: [2027-05-17]}}`,
		Description: "Calendars for `clocks`."},
	language.Key{Name: "playbooks", Forms: language.AMapping(playbooksTable), Example: "{signed: optional}",
		Description: "How CACAO playbooks are run here."},
	language.Key{Name: "signed_runbooks", Forms: language.AText(), Example: "allowed_signers",
		Description: "Runbooks must be signed (`irctl runbook sign`) by one of those in this file, which is as ssh-keygen(1) describes allowed signers; a relative path begins at the environment's folder."},
	limitsKey,
	protectedKey,
	language.Key{Name: "anchors", Forms: language.Entries(language.StepName, language.AMapping(anchorTable)...), Example: "{notary: {timestamp: https://tsa.example.com}}",
		Description: "Who remembers elsewhere how far the logs of runs had come; no run waits for them."},
)...)

var notifyTable = language.Table{AnyOf: []string{"email", "phone", "room"}}.With(
	language.Key{Name: "email", Forms: language.Texts(), Example: "[out-of-band-mail]",
		Description: "Targets that take mail, of type smtp or command: each person is told at their `email`."},
	language.Key{Name: "phone", Forms: language.Texts(), Example: "[sms-gateway]",
		Description: "Targets of type command that take messages for phones: each person is told at their `phone`."},
	language.Key{Name: "room", Forms: language.Texts(), Example: "[war-room]",
		Description: "Targets that many read, of type webhook or syslog: one message for all."},
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]",
		Description: "Who is told of what nobody in particular is asked: a manual step, a step that failed, an outcome that nobody knows; without it, all people."},
	language.Key{Name: "remind", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "5m",
		Description: "How often those who have not answered are told again; an approval may say otherwise."},
	language.Key{Name: "escalate", Forms: language.AMapping(notifyEscalateTable), Example: "{after: 10m, to: [deputy]}",
		Description: "Who is told besides, if nobody has answered; an approval may say otherwise. They may answer only what the runbook asks them."},
)

var notifyEscalateTable = language.NewTable(
	language.Key{Name: "after", Required: true, Forms: []language.Form{{Shape: language.DurationShape}}, Example: "10m",
		Description: "After how long."},
	language.Key{Name: "to", Required: true, Forms: []language.Form{{Shape: language.ListShape, Of: language.AText(), Filled: true}, {Shape: language.TextShape}}, Example: "[deputy]",
		Description: "Their roles."},
)

var allowTable = language.NewTable(
	language.Key{Name: "loopback", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether targets on this machine itself are allowed: 127.0.0.0/8 and ::1."},
	language.Key{Name: "link_local", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether link-local addresses are allowed: 169.254.0.0/16 and fe80::/10."},
	language.Key{Name: "networks", Forms: language.Texts(), Example: "[192.0.2.0/24]",
		Description: "The only networks that irctl may connect to, besides loopback and link-local where those are allowed; without it, all."},
)

// PolicyTable is the keys of a machine's policy file.
func PolicyTable() language.Table { return policyTable }

var policyTable = language.NewTable(append(language.Header("policy"),
	language.Key{Name: "allow", Forms: language.AMapping(allowTable), Example: "{loopback: false}",
		Description: "What environments may allow at most."},
	language.Key{Name: "approvals", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(approvalRuleTable)}}, Example: "[{roles: [commander], need: 2}]",
		Description: "What approvals must be at least, whatever a runbook asks for."},
	revokedKey,
	language.Key{Name: "break_glass", Forms: language.Texts(), Example: "[commander]",
		Description: "Who may approve alone in an emergency, whatever a step asks for: people with one of these roles; without it, nobody."},
	limitsKey,
	protectedKey,
	language.Key{Name: "playbooks", Forms: language.AMapping(policyPlaybooksTable), Example: "{signed: optional}",
		Description: "Whose CACAO playbooks may run."},
	language.Key{Name: "signed_runbooks", Forms: language.AText(), Example: "allowed_signers",
		Description: "Every runbook must be signed by one of those in this file; a relative path begins at the policy's folder."},
	language.Key{Name: "signed_environments", Forms: language.AText(), Example: "allowed_signers",
		Description: "Every environment must be signed by one of those in this file."},
)...)

var approvalRuleTable = language.NewTable(
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]",
		Description: "Approvals by any of these roles; without it, all approvals."},
	language.Key{Name: "need", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 20}}, Example: "2",
		Description: "How many different persons must agree at least."},
	language.Key{Name: "not_requester", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whoever started the run does not count."},
)

var policyPlaybooksTable = language.NewTable(
	language.Key{Name: "signed", Forms: language.AWord("required", "optional"), Default: "optional", Example: "optional",
		Description: "Whether a playbook must bear a good signature by one of `trusted`."},
	language.Key{Name: "trusted", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(trustedTable)}}, Example: "[{name: soc, key: {file: soc.pem}}]",
		Description: "The only ones whose signatures environments may accept."},
)

var secretTable = language.Table{OneOf: []string{"file", "env", "exec", "age"}}.With(
	language.Key{Name: "file", Forms: language.AText(), Example: "secrets/ldap",
		Description: "A file that nobody else can read; a relative path begins at the environment's folder."},
	language.Key{Name: "env", Forms: language.AText(), Example: "LDAP_PASSWORD",
		Description: "A variable of the process's environment."},
	language.Key{Name: "exec", Forms: language.Texts(), Example: "[pass, show, ldap]",
		Description: "A program that prints the secret, with its arguments."},
	language.Key{Name: "age", Forms: language.AText(), Example: "secrets/ldap.age",
		Description: "A file encrypted with age; it goes with `identity`."},
	language.Key{Name: "identity", Forms: language.AText(), Example: "/etc/irctl/age.key",
		Description: "The file with the age identity that decrypts it, which nobody else can read."},
)

var newSecretsTable = language.Table{OneOf: []string{"folder", "exec"}}.With(
	language.Key{Name: "folder", Forms: language.AText(), Example: "new-secrets",
		Description: "A folder; it is made with mode 0700."},
	language.Key{Name: "age", Forms: language.Texts(), Example: "[age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]",
		Description: "Who can read them: age recipients or SSH public keys, to whom each file of the folder is encrypted."},
	language.Key{Name: "identity", Forms: language.AText(), Example: "/etc/irctl/age.key",
		Description: "The file with the age identity by which irctl itself reads them back; without it irctl cannot."},
	language.Key{Name: "exec", Forms: language.Texts(), Example: "[pass-irctl, put]",
		Description: "A program that stores the secret it reads from its input under the name that is its last argument."},
	language.Key{Name: "read", Forms: language.Texts(), Example: "[pass-irctl, get]",
		Description: "A program that prints the secret whose name is its last argument; without it irctl cannot read back what `exec` stored."},
)

var personTable = language.NewTable(
	language.Key{Name: "name", Forms: language.AText(), Example: "Dana Fields",
		Description: "The full name."},
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]",
		Description: "What the person may approve as."},
	language.Key{Name: "user", Forms: language.AText(), Example: "dana",
		Description: "The login name that may act as the person; \"*\" is everybody on the machine."},
	language.Key{Name: "email", Forms: language.AText(), Example: "dana@example.com",
		Description: "Where mail reaches the person."},
	language.Key{Name: "phone", Forms: language.AText(), Example: `"+1 555 0101"`,
		Description: "Where a call reaches the person."},
	language.Key{Name: "keys", Forms: language.Texts(), Example: "[ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f]",
		Description: "The person's SSH public keys, one line each, as in an authorized_keys file; before the key may stand valid-after and valid-before as in a file of allowed signers. Where the people who may answer have keys, answers must be signed."},
	language.Key{Name: "absent", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(absenceTable)}}, Example: "[{from: 2026-12-20T00:00:00Z, until: 2027-01-04T00:00:00Z, stand_in: sam}]",
		Description: "When the person is away, and who answers instead in the person's roles."},
)

var absenceTable = language.NewTable(
	language.Key{Name: "from", Required: true, Forms: []language.Form{{Shape: language.TimeShape}}, Example: "2026-12-20T00:00:00Z",
		Description: "When it begins."},
	language.Key{Name: "until", Required: true, Forms: []language.Form{{Shape: language.TimeShape}}, Example: "2027-01-04T00:00:00Z",
		Description: "When it is over."},
	language.Key{Name: "stand_in", Required: true, Forms: language.AName(language.StepName), Example: "sam",
		Description: "The person who answers instead."},
)

// revokedKey is the same in an environment and in a policy.
var revokedKey = language.Key{Name: "revoked_keys", Forms: language.Texts(), Example: "['SHA256:VTmi+YUiw4Eg6ZOoA5OW6bEdNcpqyRnHcYZVmqBQTOg']",
	Description: "SSH keys that count no longer, by fingerprint or as the line of the public key."}

var targetTable = language.NewTable(
	language.Key{Name: "type", Required: true, Forms: []language.Form{{Shape: language.TargetTypeShape}}, Example: "ldap",
		Description: "What kind of system it is; `irctl target types` lists them."},
	language.Key{Name: "zone", Forms: language.AText(), Example: "office",
		Description: "Where it stands."},
	language.Key{Name: "owner", Forms: language.AText(), Example: "it@example.com",
		Description: "Who answers for it."},
	language.Key{Name: "fallback", Forms: language.AText(), Example: "Call the directory team on +1 555 0102.",
		Description: "What to do by hand when the automation fails."},
	language.Key{Name: "description", Forms: language.AText(), Example: "Staff accounts.",
		Description: "What it is for."},
	language.Key{Name: "labels", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{role: front}",
		Description: "What targets('role=front') finds it by, besides `zone`, `type` and `name`."},
	language.Key{Name: "config", Forms: []language.Form{{Shape: language.ConfigShape}}, Example: "{url: 'ldaps://ldap.example.com'}",
		Description: "How to reach it: the fields of its type; a secret stands there as {secret: NAME}."},
	language.Key{Name: "actions", Forms: language.Entries(language.StepName, language.Form{Shape: language.ConfigShape}), Example: "{account: {disable: {path: /disable}}, sessions: {revoke: {path: /revoke}}}",
		Description: "What it can do, where its type is described for each kind of action by itself: beside the `config` that all share, the fields for `account`, `sessions`, `credentials` and so on."},
)

var playbooksTable = language.NewTable(
	language.Key{Name: "signed", Forms: language.AWord("required", "optional"), Default: "optional", Example: "optional",
		Description: "Whether a playbook must bear a good signature by one of `trusted`."},
	language.Key{Name: "trusted", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(trustedTable)}}, Example: "[{name: soc, key: {file: soc.pem}}]",
		Description: "Whose signatures are accepted."},
	language.Key{Name: "bind", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{web-server: portal}",
		Description: "Which target an agent or target of a playbook is, by its name or id."},
)

var trustedTable = language.NewTable(
	language.Key{Name: "name", Required: true, Forms: language.AName(language.StepName), Example: "soc",
		Description: "Who signs with it."},
	language.Key{Name: "key", Required: true, Forms: language.AMapping(keyTable), Example: "{file: soc.pem}",
		Description: "Their public key or certificate."},
)

var keyTable = language.Table{OneOf: []string{"file", "pem"}}.With(
	language.Key{Name: "file", Forms: language.AText(), Example: "soc.pem",
		Description: "A file in PEM form; a relative path begins at the environment's folder."},
	language.Key{Name: "pem", Forms: language.AText(), Example: `"-----BEGIN PUBLIC KEY-----\n"`,
		Description: "The text itself."},
)

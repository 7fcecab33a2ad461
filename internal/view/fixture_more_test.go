package view

import (
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

func preview(x func(string) string) Preview {
	return Preview{
		Runbook: x("containment"), Title: x("Contain a suspected breach"), Source: x("./runbooks/containment.yaml"), Digest: x("ab12cd34"),
		PlanDigest: x("ef56ab78"), Environment: x("lab"), Next: []string{x("irctl run containment --env lab")},
		Rows: []projection.PlanRow{
			{Path: "open-investigation", Kind: "uses", Title: x("Open the investigation"), Action: x("investigation.open"), Target: x("cases"),
				Verdict: projection.Checked, Current: x("no case for this run"), Would: x("a case with severity high")},
			{Path: "authorise", Kind: "approve", Verdict: projection.Simulated, Note: x("asks 2 of commander, legal")},
			{Path: "contain", Kind: "parallel", Verdict: projection.Simulated},
			{Path: "contain/email", Depth: 1, Kind: "uses", Action: x("email.suspend"), Target: x("corporate-mail"), Verdict: projection.Checked, Current: x("mail is deferred with 451")},
			{Path: "assess", Kind: "if", Verdict: projection.CannotKnow, Note: x("steps.scan.outputs.found is not known before the scan has run, so both sides are shown")},
			{Path: "assess", Depth: 1, Branch: x("if it holds")},
			{Path: "assess/enrol", Depth: 2, Kind: "uses", Action: x("exec"), Verdict: projection.CannotKnow, Note: x("a command that irctl does not run for a plan")},
			{Path: "assess", Depth: 1, Branch: x("otherwise")},
			{Path: "assess/close", Depth: 2, Kind: "manual", Verdict: projection.Simulated, Note: x("a person does it")},
		},
	}
}

const source = "irctl: v1\nname: containment\nsteps:\n  - id: mail\n    uses: email.supend\n\ttarget: this line is long enough to be cut somewhere before its end, " +
	"because nobody reads this far when the terminal is narrow\n"

func diagnostics(x func(string) string) runbook.Diagnostics {
	span := func(line, from, to int) runbook.Span {
		return runbook.Span{File: x("containment.yaml"), Start: runbook.Position{Line: line, Column: from}, End: runbook.Position{Line: line, Column: to}}
	}
	return runbook.Diagnostics{
		{Severity: runbook.Warning, Code: "IR0201", Summary: x("this text is never read"), Span: span(6, 100, 112)},
		{Severity: runbook.Error, Code: "IR0102", Summary: x(`there is no action "email.supend"`), Detail: x(`Did you mean "email.suspend"? See irctl action list.`), Span: span(5, 11, 23)},
	}
}

func spec(x func(string) string) action.Spec {
	return action.Spec{
		Name: x("email.suspend"), Summary: x("Stop taking mail from outside; nothing is lost."),
		Description: x("Senders get a temporary refusal and keep their mail for days. It verifies that the refusal is given, and undo puts back the state that was found."),
		Effect:      action.Change, Idempotent: true, Counterpart: x("email.restore"), Example: x("id: email\nuses: email.suspend\nwith:\n\tnotice: back soon"),
		Inputs: []action.Field{
			{Name: x("notice"), Type: action.String, Required: true, Pattern: x("^.+$"), Description: x("What senders are told."), Example: x("back soon")},
			{Name: x("level"), Type: action.Enum, Enum: []string{x("all"), x("outside")}, Default: x("all")},
			{Name: x("options"), Type: action.Map, Items: action.Any, Fields: []action.Field{{Name: x("deep"), Type: action.Bool, Default: false}}},
		},
		Outputs: []action.Field{{Name: x("was"), Type: action.String, Description: x("How it was before.")}},
		Targets: []action.TargetType{{Name: x("http"), Summary: x("A mail server with an API."), Undo: true, Tools: []string{x("mailctl"), x("openssl")},
			Fields:  []action.Field{{Name: x("token"), Type: action.String, Secret: true, Required: true}},
			Example: x("corporate-mail:\n  type: http\n  config:\n    token: {secret: MAIL}")}},
	}
}

func targets(x func(string) string) []Target {
	return []Target{
		{x("corporate-mail"), x("http"), x("office"), x("mail team"), x("Takes mail for example.com"), x("Call the mail team."), Pairs{{x("url"), x("http://192.0.2.25/")}, {x("token"), x("{secret: MAIL}")}}},
		{Name: x("cases"), Type: x("case-folder")},
	}
}

func labEnvironment(x func(string) string) Environment {
	return Environment{
		Name: x("lab"), Title: x("The lab on this machine"), Source: x("lab/environment.yaml"), Digest: x("ab12"), Allow: []string{"loopback"},
		Values: Pairs{{x("domain"), x("example.com")}}, Secrets: Pairs{{x("MAIL"), x("file:secrets/mail")}}, NewSecrets: x("secrets/new"),
		People: []environment.Person{{
			Name: x("dana"), FullName: x("Dana Reyes"), Roles: []string{x("commander")}, User: x("*"), Email: x("dana@example.com"),
			Phone: x("+1 555 0100"), Keys: []environment.Key{{Key: sshsig.Key(x("ssh-ed25519 AAAA dana"))}},
		}},
		Protections: Pairs{{x("loopback"), x("not allowed, by /etc/irctl/policy.yaml")}},
		Targets:     targets(x),
		Playbooks:   &Playbooks{Signed: "required", Trusted: Pairs{{x("soc"), x("file:keys/soc.pem")}}, Bind: Pairs{{x("Mail server"), x("corporate-mail")}}},
	}
}

func checks(x func(string) string) []Check {
	return []Check{
		{Name: x("state folder"), OK: true, Found: x("/home/dana/.local/state/irctl, writable")},
		{Name: x("corporate-mail"), Found: x("http at 192.0.2.25"), Problems: []string{x("cannot reach it: connection refused, which may be the firewall or a host that is down")},
			Do: []string{x("irctl target check corporate-mail")}},
	}
}

func paperOf(x func(string) string) Paper {
	env := labEnvironment(x)
	return Paper{Plan: paperPlan(x), Environment: &env, Effect: func(string) (action.Effect, bool) { return action.Change, true }}
}

func paperPlan(x func(string) string) *plan.Plan {
	field := plan.Of(x("mail"))
	return &plan.Plan{
		Runbook: x("containment"), Title: x("Contain a suspected breach"), Description: x("Email and website go offline."), Owner: x("oncall@example.com"), Source: x("containment.yaml"),
		Inputs:  []plan.Field{{Name: x("incident"), Type: "string", Required: true, Pattern: x("^INC"), Description: x("The ticket.")}, {Name: "via", Type: "enum", Enum: []string{x("mail")}, Default: &field}},
		Outputs: []plan.Assignment{{Name: x("case"), Value: plan.Of(x("${{ steps.open.outputs.case }}"))}},
		Nodes: []plan.Node{
			{ID: 0, Name: "authorise", Path: "authorise", Kind: plan.Approve, Parent: plan.None, Next: 1, Text: plan.Of(x("May we?")), Approval: &plan.Approval{Roles: []string{x("commander")}, Need: 2}},
			{ID: 1, Name: "assess", Path: "assess", Kind: plan.If, Parent: plan.None, Next: 4, Condition: plan.Expr(x("steps.scan.outputs.found")), Title: x("Was data taken?"),
				Blocks: []plan.Block{{Label: "then", Entry: 2}, {Label: "else", Entry: 3}}},
			{ID: 2, Name: "mail", Path: "assess/mail", Kind: plan.Action, Parent: 1, Next: plan.None, Action: &plan.Use{Action: x("email.suspend"), Target: x("corporate-mail")},
				Fallback: plan.Of(x("Call the mail team.")), OnFailure: plan.OnFailure{Policy: plan.FailContinue}},
			{ID: 3, Name: "bank", Path: "assess/bank", Kind: plan.Manual, Parent: 1, Next: plan.None, Block: 1, Text: plan.Of(x("Call the bank.")), Description: x("They want the case number."),
				Outputs: []plan.Field{{Name: x("reference"), Type: "string"}}, Evidence: []plan.Field{{Name: x("letter"), Type: "file"}}},
			{ID: 4, Name: "tell", Path: "tell", Kind: plan.ForEach, Parent: plan.None, Next: 6, As: x("person"), Subject: plan.Of(x("${{ inputs.people }}")), MaxParallel: 4, When: plan.Expr(x("steps.mail.status == 'failed'")),
				Blocks: []plan.Block{{Entry: 5}}, OnFailure: plan.OnFailure{Policy: plan.FailNext, Next: 0}},
			{ID: 5, Name: "letter", Path: "tell/letter", Kind: plan.Action, Parent: 4, Next: plan.None, Owner: x("Robin"), Action: &plan.Use{Action: x("notify.email"), With: []plan.Assignment{{Name: x("text"), Value: plan.Of(x("Dear ${{ person }}, ${{ inputs.incident }}"))}}},
				Timeout: plan.Of("2m"), Retry: &plan.Retry{Attempts: 3, Delay: plan.Of("2s"), Factor: 2}, Irreversible: x("A letter was read."), OnFailure: plan.OnFailure{Policy: plan.FailRollback}},
			{ID: 6, Name: "end", Path: "end", Kind: plan.Stop, Parent: plan.None, Next: plan.None, StopStatus: "failed", Text: plan.Of(x("Nobody can say yet."))},
		},
	}
}

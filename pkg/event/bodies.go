package event

import "time"

// Facts about the run as a whole.
type (
	// RunStarted is the first entry of every journal. It binds the plan and
	// the runbook's bytes, which lie beside the journal, by digest.
	RunStarted struct {
		Run         string `json:"run"` // ULID
		Irctl       string `json:"irctl"`
		Runbook     string `json:"runbook"`
		Title       string `json:"title,omitempty"`
		Exercise    string `json:"exercise,omitempty"` // the scenario that was played, and nothing of it real; "" is no exercise
		Source      string `json:"source"`             // file the runbook came from
		Digest      string `json:"digest"`             // SHA-256 of runbook.yaml, hex
		PlanDigest  string `json:"plan_digest"`        // SHA-256 of plan.json, hex
		Environment string `json:"environment"`        // name, "" if none
		EnvDigest   string `json:"env_digest"`         // SHA-256 of the environment file, hex
		EnvSource   string `json:"env_source"`         // file the environment came from
		Folder      string `json:"folder,omitempty"`   // in which irctl was started; commands run there
		Inputs      Values `json:"inputs"`             // secrets never
		SecretRefs  Values `json:"secret_inputs"`      // input -> reference ("env:NAME"), never the value
		// Override is why a person ran a playbook that must not run; Overrode, why it must not.
		Override string   `json:"override,omitempty"`
		Overrode []string `json:"overrode,omitempty"`
		// Documents are the other files that the plan was made from: runbooks
		// and playbooks that it calls, bindings of playbooks. They lie beside
		// the journal, named by their digests.
		Documents []Document `json:"documents,omitempty"`
		// Part says which steps run; its zero value is all of them.
		Part Part `json:"part,omitzero"`
		// Signatures are those that were good when the run started.
		Signatures []Signature `json:"signatures,omitempty"`
		// LogKeys are the public keys of the first two checkpoints; without them
		// the run has none.
		LogKeys []string `json:"log_keys,omitempty"`
		// Previous is the run that was the newest of the home until then.
		Previous Previous `json:"previous,omitzero"`
		// Clocks are the duties to tell others that the environment names.
		Clocks []Clock `json:"clocks,omitempty"`
	}
	// Previous is a run, and the last checkpoint of its journal.
	Previous struct {
		Run  string `json:"run"`
		Note string `json:"note,omitempty"` // empty if it had none
	}
	// CheckpointSigned covers all entries before it with a signature. Everything
	// that it means is in the documentation of package journal.
	CheckpointSigned struct {
		Note    string `json:"note"`     // c2sp.org/tlog-checkpoint
		NextKey string `json:"next_key"` // the public key of the checkpoint after the next
	}
	// LogRestarted says that other keys sign from here on, because the secret of
	// those before is not there.
	LogRestarted struct {
		LogKeys []string `json:"log_keys"` // the public keys of the next two checkpoints
		Reason  string   `json:"reason"`
	}
	// Part is the part of a runbook that a person let run.
	Part struct {
		From     string   `json:"from,omitempty"`      // a step's path: it and all that follow
		Only     []string `json:"only,omitempty"`      // steps' paths
		Tags     []string `json:"tags,omitempty"`      // the steps with one of them
		SkipTags []string `json:"skip_tags,omitempty"` // all but the steps with one of them
		LeftOut  []string `json:"left_out,omitempty"`  // the paths of the steps that do not run
		Step     bool     `json:"step,omitempty"`      // before each step that acts somebody was to be asked
	}
	// Document is a file that a plan was made from.
	Document struct {
		Source string `json:"source"` // where it came from
		Digest string `json:"digest"` // SHA-256, hex
	}
	// Signature is a good signature of a playbook by a key that the
	// environment trusts.
	Signature struct {
		Source    string `json:"source"` // the playbook's file
		Signee    string `json:"signee"` // who says to have signed: a claim
		Algorithm string `json:"algorithm"`
		Key       string `json:"key"`        // the environment's name for the key
		KeyPrint  string `json:"key_sha256"` // SHA-256 of the public key in DER, hex
	}
	// RunResumed says that another process drives the run from here on.
	RunResumed struct {
		Irctl string `json:"irctl"`
	}
	// RunTakenOver says that the run's folder is driven in another place than
	// before, by the word of a person that nobody drives it there. What was done
	// there since the folder left is not in this journal.
	RunTakenOver struct {
		Irctl   string   `json:"irctl"`
		Host    string   `json:"host,omitempty"` // where it was driven before, "" if nobody can tell
		Changed []string `json:"changed"`        // what is another one now: machine, account, file; none if nobody can tell
		Reason  string   `json:"reason"`
	}
	// RunPaused says that no new attempt starts until RunContinued.
	RunPaused struct {
		Reason string `json:"reason,omitempty"`
		Halt   bool   `json:"halt,omitempty"` // all runs of the home are held back, not this one alone
	}
	// RunContinued ends a pause.
	RunContinued struct{}
	// RunInterrupted says that the driving process was told to stop (a
	// signal); the run can be resumed.
	RunInterrupted struct {
		Signal string `json:"signal"`
	}
	// CancelRequested says that a person ended the run early: nothing new
	// starts, what runs is told to stop.
	CancelRequested struct {
		Reason string `json:"reason,omitempty"`
	}
	// RunEnded closes the run. A rollback or a note may still follow.
	RunEnded struct {
		Status  Status `json:"status"`
		Message string `json:"message,omitempty"`
		Outputs Values `json:"outputs,omitempty"`
	}
	// TargetShared says that somebody let this run and another one change the same
	// target. It stands in the journals of both.
	TargetShared struct {
		Target string `json:"target"`
		With   string `json:"with"` // the other run
		Reason string `json:"reason"`
	}
	// OverrideRequested says that a person wants the run to touch what is protected
	// or limited. Who may let it is asked at the step.
	OverrideRequested struct {
		Item   string `json:"item"` // of the list, or the limit: "dc1", "machines"
		Reason string `json:"reason"`
	}
	// HoldPlaced says that nobody may archive or delete the run until HoldLifted,
	// because a court or an auditor will ask for it.
	HoldPlaced struct {
		Reason string `json:"reason"`
	}
	// HoldLifted ends a hold.
	HoldLifted struct{}
	// EvidenceAdded says that a person gave a file to the run, of the step of the
	// event's path if it has one. It is named by the number of its entry.
	EvidenceAdded struct {
		File      Artifact  `json:"file"`
		From      string    `json:"from"`              // the file that was copied, on the host of By
		Source    string    `json:"source,omitempty"`  // where it was before, in a person's words
		Method    string    `json:"method,omitempty"`  // how it was taken there
		Note      string    `json:"note,omitempty"`    // anything else
		Modified  time.Time `json:"modified,omitzero"` // the file's own time; zero of what is no regular file
		Begun     time.Time `json:"begun"`             // when it was opened
		Collected time.Time `json:"collected"`         // when its last byte was copied
		Changed   string    `json:"changed,omitempty"` // how the file changed meanwhile
	}
	// EvidenceHandedOver says that a piece of evidence was given to somebody.
	EvidenceHandedOver struct {
		Item   string `json:"item"`   // as lists of evidence name it: "17"
		Digest string `json:"digest"` // of its bytes, SHA-256, hex
		To     string `json:"to"`
		Reason string `json:"reason"`
	}
	// TailSetAside says that bytes after the last whole entry, never
	// acknowledged to anyone, were moved to a file beside the journal.
	TailSetAside struct {
		File   string `json:"file"`
		Bytes  int    `json:"bytes"`
		Digest string `json:"digest"`
	}
)

// Facts about a step. The event's path names it.
type (
	// StepDelayed says that the step begins at Until, because the plan says so.
	StepDelayed struct {
		Until time.Time `json:"until"`
	}
	// ApprovalAsked says that the step waits for people to agree.
	ApprovalAsked struct {
		Title    string    `json:"title,omitempty"` // the step's title, if it holds expressions: filled in
		Text     string    `json:"text,omitempty"`
		Roles    []string  `json:"roles"`
		Need     int       `json:"need"`
		Deadline time.Time `json:"deadline,omitzero"`
		// The runbook's say on who is told, and who may answer besides Roles from
		// EscalateAt on.
		RemindSeconds int64     `json:"remind_seconds,omitempty"` // between two reminders
		EscalateTo    []string  `json:"escalate_to,omitempty"`    // roles
		EscalateAt    time.Time `json:"escalate_at,omitzero"`
		// What the step does after a yes, as it was when this was asked, without
		// secrets; the attempts keep to it. Empty for a step that only asks.
		Action string `json:"action,omitempty"`
		Target string `json:"target,omitempty"`
		With   Values `json:"with,omitempty"`
		// Described is how the environment describes the target, a text for each
		// field: address, command; secrets by name.
		Described Values `json:"described,omitempty"`
		// Again says what is another than when it was asked before and agreed to.
		Again        []string `json:"again,omitempty"`
		Overrides    []string `json:"overrides,omitempty"`     // what is protected or limited that a yes lets the step touch: "breakglass: alice"
		Undo         bool     `json:"undo,omitempty"`          // it is about undoing the step
		NotRequester bool     `json:"not_requester,omitempty"` // whoever started the run does not count
	}
	// StepStarted says that the step's turn has come and what was found out
	// for it: which branch a choice took, what a loop goes through, which
	// inputs a called runbook gets.
	StepStarted struct {
		Title     string    `json:"title,omitempty"`     // the step's title, if it holds expressions: filled in
		Branch    string    `json:"branch,omitempty"`    // label of the block a choice took; "-" for none
		Items     List      `json:"items,omitempty"`     // foreach: what it goes through
		Keys      []string  `json:"keys,omitempty"`      // foreach: names of the items in paths, unique
		Inputs    Values    `json:"inputs,omitempty"`    // call: the callee's inputs
		Text      string    `json:"text,omitempty"`      // manual: the instruction, expressions filled in
		NotBefore time.Time `json:"not_before,omitzero"` // wait: when it is over
		Deadline  time.Time `json:"deadline,omitzero"`
	}
	// StepSkipped says that the step was passed over: by its own condition,
	// or by a person (then the event has By).
	StepSkipped struct {
		Reason string `json:"reason"`
		Late   Late   `json:"late,omitzero"`
	}
	// AttemptStarted is the intent: it is durable before the action runs.
	AttemptStarted struct {
		Title    string    `json:"title,omitempty"` // the step's title, if it holds expressions: filled in
		Attempt  int       `json:"attempt"`         // from 1
		Action   string    `json:"action"`
		Target   string    `json:"target,omitempty"`
		Key      string    `json:"key"` // idempotency key, the same for every attempt of a step
		With     Values    `json:"with,omitempty"`
		Deadline time.Time `json:"deadline,omitzero"`
		Touches  []string  `json:"touches,omitempty"` // where that is limited: "machine 192.0.2.5", "account alice"
	}
	// TargetLooked says what a wait saw when it asked its target, if that is
	// something new and was not yet what it waits for.
	TargetLooked struct {
		Summary string `json:"summary"`
	}
	// AttemptRecorded is what an action must not lose before it changes
	// anything: the state to go back to, the place of a new secret.
	AttemptRecorded struct {
		Attempt int    `json:"attempt"`
		Record  Values `json:"record"`
	}
	// AttemptFailed says that a try failed and another follows at RetryAt.
	AttemptFailed struct {
		Attempt   int        `json:"attempt"`
		Error     Failure    `json:"error"`
		RetryAt   time.Time  `json:"retry_at"`
		Artifacts []Artifact `json:"artifacts,omitempty"`
	}
	// StepSucceeded is the good end of a step.
	StepSucceeded struct {
		Attempt   int        `json:"attempt,omitempty"`
		Outputs   Values     `json:"outputs,omitempty"`
		Summary   string     `json:"summary,omitempty"`  // one line for people
		Changed   bool       `json:"changed,omitempty"`  // the target was changed by this step
		Observed  bool       `json:"observed,omitempty"` // found done by looking at the target, after a crash
		Verified  bool       `json:"verified,omitempty"` // the step's verify agreed
		Artifacts []Artifact `json:"artifacts,omitempty"`
		Late      Late       `json:"late,omitzero"`
	}
	// StepFailed says that the step failed and its retries are used up. What
	// follows is the plan's on_failure; with "stop" a person decides.
	StepFailed struct {
		Attempt   int        `json:"attempt,omitempty"`
		Error     Failure    `json:"error"`
		Fallback  string     `json:"fallback,omitempty"` // text of the manual step that takes over, filled in
		Artifacts []Artifact `json:"artifacts,omitempty"`
	}
	// StepUnknown says that nobody can tell whether the attempt took effect.
	StepUnknown struct {
		Attempt   int        `json:"attempt"`
		Reason    string     `json:"reason"`
		Timeout   bool       `json:"timeout,omitempty"` // its time was up
		Artifacts []Artifact `json:"artifacts,omitempty"`
	}
	// StepCanceled says that the step was ended because the run, or a block
	// around the step, was.
	StepCanceled struct {
		Reason    string     `json:"reason,omitempty"`
		Artifacts []Artifact `json:"artifacts,omitempty"`
	}
	// StepResolved is a person's word on an unknown outcome.
	StepResolved struct {
		Happened bool   `json:"happened"`
		Reason   string `json:"reason"`
		// Failed says that what did not happen is not tried again.
		Failed bool `json:"failed,omitempty"`
	}
	// AnswerCorrected is a person's word that answers to a manual step were
	// wrong. Who reads them from here on gets the new ones.
	AnswerCorrected struct {
		Outputs Values   `json:"outputs"`           // the answers that are others now
		Before  Values   `json:"before"`            // the same ones until then
		Reason  string   `json:"reason,omitempty"`  // must be there if somebody has read them
		ReadBy  []string `json:"read_by,omitempty"` // the paths of the steps that went by the old ones
	}
	// StepRetried is a person's decision to try a failed step again.
	StepRetried struct {
		Reason string `json:"reason,omitempty"`
		// Environment is the one that holds from here on; its zero value is the
		// same as before.
		Environment Reloaded `json:"environment,omitzero"`
	}
	// IterationStarted says that a while loop's condition held once more.
	IterationStarted struct {
		Iteration int `json:"iteration"` // from 1
	}
	// ApprovalGiven is one person's yes to a step, or to undoing it.
	ApprovalGiven struct {
		Role    string `json:"role"`
		Comment string `json:"comment,omitempty"`
		Undo    bool   `json:"undo,omitempty"`
		Signed  Signed `json:"signed,omitzero"`
		// BreakGlass is the reason for which one person alone agreed to what
		// others were to agree to. The run bears the mark for ever.
		BreakGlass string `json:"break_glass,omitempty"`
	}
	// ApprovalRefused is a no. One no is enough.
	ApprovalRefused struct {
		Role    string `json:"role"`
		Comment string `json:"comment,omitempty"`
		Undo    bool   `json:"undo,omitempty"`
		Signed  Signed `json:"signed,omitzero"`
	}
	// AuthorityDelegated hands a role of one person over to another for this
	// run: until then the other answers, and the one does not.
	AuthorityDelegated struct {
		To     string    `json:"to"` // a person of the environment
		Role   string    `json:"role"`
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
		Signed Signed    `json:"signed,omitzero"`
	}
)

// Facts about telling people that a run waits for them. The event's path names
// the step that waits.
type (
	// NoticeStarted is the intent to tell somebody: it is durable before the
	// message goes out, and the message goes out once.
	NoticeStarted struct {
		Number  int    `json:"number"`            // of the run's notices, from 1
		Why     string `json:"why"`               // waiting, reminder, escalation, break-glass
		To      string `json:"to,omitempty"`      // a person of the environment; "" for whoever reads what the target writes to
		Address string `json:"address,omitempty"` // of the person
		Target  string `json:"target"`            // through which the message goes
		Action  string `json:"action"`            // by which
	}
	// NoticeSent says that the target took the message.
	NoticeSent struct {
		Number int    `json:"number"`
		To     string `json:"to,omitempty"`
		Target string `json:"target"`
	}
	// NoticeFailed says that the message did not get there, or, with doubt, that
	// nobody can tell.
	NoticeFailed struct {
		Number int     `json:"number"`
		To     string  `json:"to,omitempty"`
		Target string  `json:"target"`
		Error  Failure `json:"error"`
		Again  bool    `json:"again,omitempty"` // another try may get there
	}
)

// Facts about undoing.
type (
	// RollbackStarted says that steps are to be undone, newest first: all of
	// them, or down to and including To, or Only one. What still runs is told
	// to stop first. The event has no By when the plan's on_failure asked.
	RollbackStarted struct {
		To     string `json:"to,omitempty"`   // a step's path
		Only   string `json:"only,omitempty"` // a step's path
		Reason string `json:"reason,omitempty"`
	}
	// UndoStarted is the intent to undo a step; durable before anything is done.
	UndoStarted struct {
		Attempt int      `json:"attempt"`
		Key     string   `json:"key"`
		Touches []string `json:"touches,omitempty"` // as of AttemptStarted
	}
	// StepUndone says that the step's previous state is back.
	StepUndone struct {
		Attempt  int    `json:"attempt"`
		Summary  string `json:"summary,omitempty"`
		Observed bool   `json:"observed,omitempty"`
	}
	// UndoFailed says that undoing failed; a person decides.
	UndoFailed struct {
		Attempt int     `json:"attempt"`
		Error   Failure `json:"error"`
	}
	// UndoSkipped says that a step stays as it is: because it cannot be
	// undone, because a person decided so (then the event has By), or because
	// another run relies on it, to which goes what the step kept.
	UndoSkipped struct {
		Reason string `json:"reason"`
		To     string `json:"to,omitempty"` // the other run
	}
	// UndoInherited says that other runs have left to this step what they kept
	// of the state before: they are undone, and this one still relies on what
	// they did. Who undoes it puts all of that back, newest first.
	UndoInherited struct {
		From []Kept `json:"from"`
	}
)

// Signed is what a person signed with a decision; its zero value is nothing.
// ssh-keygen -Y verify checks it, in the namespace irctl-approval@v1.
type Signed struct {
	Statement string `json:"statement"` // the exact text
	Signature string `json:"signature"` // as ssh-keygen writes it
	Key       string `json:"key"`       // the public key: type and base64
}

// Kept names a step of a run that kept what was there before it.
type Kept struct {
	Run   string    `json:"run"`
	Path  string    `json:"path"`
	Since time.Time `json:"since"` // when it had its outcome
}

// Reloaded is an environment file that was read anew in the middle of a run.
type Reloaded struct {
	Before  string   `json:"before"`  // SHA-256 of the file that held until then, hex
	Source  string   `json:"source"`  // where the new one came from
	Differs []string `json:"differs"` // what is another than before, for people
	File    Artifact `json:"file"`    // the new one
}

// Failure says what went wrong in a step. All texts are cleaned and free of
// secrets before they get here.
type Failure struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Timeout bool   `json:"timeout,omitempty"`
	Doubt   bool   `json:"doubt,omitempty"`   // nobody saw the attempt's end: something that it started may still run
	Refused bool   `json:"refused,omitempty"` // what is protected or limited stood in the way
	Touch   string `json:"touch,omitempty"`   // what somebody names to have that overridden; "" if nobody may
}

// Artifact is raw output or a file, kept beside the journal by digest.
type Artifact struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // SHA-256, hex; the file is artifacts/<digest>
	Size   int64  `json:"size"`   // bytes
	Head   string `json:"head,omitempty"`
	// Lost says why the bytes were not kept; then there is no digest.
	Lost string `json:"lost,omitempty"`
}

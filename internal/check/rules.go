package check

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
)

// The codes of this package's findings.
const (
	StepIDTwice         = "IR0200"
	JumpTarget          = "IR0201"
	UnknownAction       = "IR0202"
	MissingInput        = "IR0203"
	UnknownInput        = "IR0204"
	WrongInput          = "IR0205"
	MissingTarget       = "IR0206"
	NeedlessTarget      = "IR0207"
	VerifyChanges       = "IR0208"
	CannotInspect       = "IR0209"
	UndoOfRead          = "IR0210"
	UnknownRunbook      = "IR0211"
	Recursion           = "IR0212"
	BadExpression       = "IR0213"
	UnknownName         = "IR0214"
	WrongType           = "IR0215"
	ExpressionTooLarge  = "IR0216"
	CannotHaveRun       = "IR0217"
	BadSubject          = "IR0218"
	BadDuration         = "IR0219"
	BadRetry            = "IR0220"
	BadApproval         = "IR0221"
	BadDefault          = "IR0222"
	SecretShown         = "IR0223"
	SecretWritten       = "IR0224"
	ShellInterpolation  = "IR0225"
	UnusedInput         = "IR0226"
	NameTaken           = "IR0227"
	BadCase             = "IR0228"
	BadWait             = "IR0229"
	UnknownVariable     = "IR0230"
	OutputNeverDeclared = "IR0231"
	BadItems            = "IR0232"
	OutputsOfCall       = "IR0233"
	TooMuchWork         = "IR0234"

	// What the review finds (review.go). Codes go by subject, with room between.
	NoWayBack          = "IR0300"
	NoApproval         = "IR0301"
	RetryNotIdempotent = "IR0302"
	NotVerified        = "IR0303"
	SecretInArgv       = "IR0304"

	ManualOwner      = "IR0310"
	ManualLimit      = "IR0311"
	RoleNobodyHolds  = "IR0312"
	TooFewHolders    = "IR0313"
	OwnApproval      = "IR0314"
	ApprovalLimit    = "IR0315"
	ApprovalQuestion = "IR0316"
	NoTitle          = "IR0317"
	NoOwner          = "IR0318"

	BeyondObjective     = "IR0320"
	PathBeyondObjective = "IR0321"
	WaitLimit           = "IR0322"

	Unreachable       = "IR0330"
	ConstantCondition = "IR0331"
	LoopLimit         = "IR0332"
	JumpLimit         = "IR0333"
	SameTarget        = "IR0334"
	SamePasses        = "IR0335"

	MailOffline   = "IR0340"
	TargetOffline = "IR0341"
	EvidenceLate  = "IR0342"
	SessionsFirst = "IR0343"
	MessageBlocks = "IR0344"

	MixedAlphabets = "IR0350"
	Placeholder    = "IR0351"

	IgnoreUnclear = "IR0390"
	IgnoredInVain = "IR0391"

	TooMuchToReview = "IR0399"
)

// Codes returns what this package's findings mean, sorted by code.
func Codes() []language.Code {
	return slices.Concat(stepCodes, valueCodes, changeCodes, peopleCodes, flowCodes, orderCodes)
}

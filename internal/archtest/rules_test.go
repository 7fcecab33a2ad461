package archtest

// Module is the path of irctl's module.
const Module = "github.com/irctl/irctl"

// topLevel is everything that may lie at the top of the repository, besides
// files and folders that begin with a dot.
var topLevel = []string{
	"cmd", "runbooks", "internal", "pkg", "testdata",
	"go.mod", "go.sum", "Makefile", "README.md", "LICENSE",
}

// room says which of our own packages a package may import. A pattern is a
// folder below the module; a final /... takes in the folders below it too.
type room struct {
	pkg  string
	may  []string
	why  string
	bare bool // the standard library and may, nothing else
}

// tools are what built-in actions are made with.
var tools = []string{"internal/each", "internal/pattern", "internal/sent", "pkg/action", "internal/data", "internal/config", "internal/patience", "internal/kind", "internal/described", "internal/host", "internal/host/process", "internal/httpclient", "internal/newsecret", "internal/durable"}

// rooms lists every package, the lowest first: arrows run down only. The first
// room whose pattern matches counts.
var rooms = []room{
	{pkg: "pkg/event", bare: true, why: "the facts of a run are public and stand alone"},
	{pkg: "pkg/journal", bare: true, may: []string{"golang.org/x/mod/..."}, why: "an auditor must be able to read and verify a journal with the standard library and golang.org/x/mod alone"},
	{pkg: "internal/pattern", bare: true, why: "a pattern is compiled late whoever asks it"},
	{pkg: "internal/each", bare: true, why: "a list is made of another whatever stands in them"},
	{pkg: "internal/selector", bare: true, why: "what is selected follows from labels, whatever bears them"},
	{pkg: "internal/suggest", bare: true, why: "a word is like another whatever both are for"},
	{pkg: "pkg/action", bare: true, why: "the contract of an action is public and stands alone"},
	{pkg: "internal/data", may: []string{"pkg/event", "pkg/action"}, bare: true, why: "a value is the same to all who hand it on"},
	{pkg: "internal/sent", bare: true, why: "what is sent is told to the log, whoever sends it"},
	{pkg: "internal/actiontest", may: []string{"pkg/action"}, why: "what tries an action knows the contract and nothing else of irctl"},
	{pkg: "internal/coerce", may: []string{"internal/each", "internal/pattern", "internal/data", "internal/suggest", "pkg/action"}, bare: true, why: "a value fits a field whoever gave it"},
	{pkg: "pkg/runbook", why: "what a runbook says is public and stands alone"},
	{pkg: "pkg/runbook/parser", may: []string{"pkg/runbook", "internal/language"}, why: "what reads a runbook for others reads it as irctl does"},

	{pkg: "internal/finding", may: []string{"pkg/runbook"}, why: "what a finding means is said without knowing who looks for it"},
	{pkg: "internal/language", may: []string{"internal/each", "internal/pattern", "pkg/runbook", "internal/suggest", "internal/finding"}, why: "reading a file must not need the rest of irctl"},
	{pkg: "internal/language/...", may: []string{"pkg/runbook", "internal/language"}, why: "what holds parsers against the language's tables knows the language"},
	{pkg: "internal/account", bare: true, why: "an account has the name that the system gives it, whoever asks"},
	{pkg: "internal/durable", why: "a file is replaced the same way for everybody"},
	{pkg: "internal/patience", why: "somebody who waits needs to know how long, and not for what"},
	{pkg: "internal/config", may: []string{"pkg/action"}, why: "a struct is filled from a description without knowing of which system"},
	{pkg: "internal/host/process", may: []string{"pkg/action"}, why: "a process is started and ended without knowing what for"},
	{pkg: "internal/host/shell", why: "a shell elsewhere is three streams: who leads them there and what is run are nothing to it"},
	{pkg: "internal/host", may: []string{"pkg/action", "internal/sent", "internal/config", "internal/httpclient", "internal/durable", "internal/patience", "internal/host/process", "internal/host/shell"}, why: "a machine knows files, commands and connections, and no system"},
	{pkg: "internal/httpclient", may: []string{"pkg/action", "internal/data", "internal/sent"}, why: "a request knows the contract of actions and no system"},
	{pkg: "internal/newsecret", may: []string{"pkg/action", "internal/config"}, why: "a new password is drawn without knowing for whom"},
	{pkg: "internal/kind", may: []string{"pkg/action", "internal/patience", "internal/host"}, why: "what runs a kind of system knows the contract and no system"},
	{pkg: "internal/described", may: []string{"internal/each", "internal/pattern", "internal/coerce", "pkg/action", "internal/programs", "internal/data", "internal/config", "internal/patience", "internal/kind", "internal/host", "internal/host/process", "internal/httpclient"}, why: "a described system is reached through commands and requests and through nothing else"},

	{pkg: "internal/plan", may: []string{"internal/data", "pkg/event"}, bare: true, why: "the graph that runs knows neither YAML nor who drives it"},
	{pkg: "internal/plan/...", may: []string{"internal/plan"}, why: "plans for tests are plans"},
	{pkg: "internal/engine", may: []string{"pkg/event", "internal/plan"}, why: "the engine is what every driver shares: it is pure, and knows facts and the plan only"},
	{pkg: "internal/programs", may: []string{"internal/pattern"}, bare: true, why: "which word of a command line is read as a program is one rule for whoever writes or checks one"},
	{pkg: "internal/cacao/reference", may: []string{"internal/pattern"}, bare: true, why: "what a text of a playbook reads is asked by all who check it, turn it into something else or carry it out"},
	{pkg: "internal/cacao/value", may: []string{"internal/pattern", "internal/data"}, bare: true, why: "what a variable of a playbook may hold is asked by all who check it, turn it into something else or carry it out"},
	{pkg: "internal/expr", may: []string{"internal/selector", "internal/each", "internal/pattern", "pkg/action", "pkg/event", "internal/data", "pkg/runbook", "internal/suggest"}, why: "expressions are evaluated without knowing what uses them; the words for types are the SDK's, the places the language's"},
	{pkg: "internal/check", may: []string{"internal/each", "internal/pattern", "internal/data", "pkg/runbook", "internal/programs", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "pkg/action", "internal/expr"}, why: "check sees action specs, never actions, and no environment"},
	{pkg: "internal/check/...", may: []string{"internal/check", "pkg/action"}, why: "specs for tests are specs"},
	{pkg: "internal/compile", may: []string{"internal/each", "pkg/runbook", "internal/data", "internal/finding", "internal/suggest", "internal/coerce", "pkg/action", "pkg/event", "internal/plan", "internal/expr", "internal/check"}, why: "compile lowers a checked runbook to a plan and touches no system"},
	{pkg: "internal/cacao/stix", bare: true, why: "a condition is parsed without knowing whose it is"},
	{pkg: "internal/cacao", may: []string{"internal/each", "internal/pattern", "pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "pkg/action", "internal/expr", "internal/cacao/value", "internal/cacao/stix", "internal/cacao/reference"}, why: "a playbook is read and judged by itself; what it becomes is another room's to say"},
	{pkg: "internal/cacao/signature", may: []string{"pkg/action"}, why: "a signature is about bytes: whose it is can be told without reading a playbook"},
	{pkg: "internal/cacao/convert", may: []string{"internal/each", "internal/pattern", "internal/data", "pkg/runbook", "internal/finding", "internal/language", "pkg/action", "internal/expr", "internal/cacao", "internal/cacao/..."}, why: "a converter turns documents into documents: it knows both languages and no run"},
	{pkg: "internal/sshsig", may: []string{"internal/durable"}, why: "a signature is about bytes: who signed them can be told without knowing what they say"},
	{pkg: "internal/bundle", may: []string{"internal/durable", "internal/sshsig"}, why: "files for others are listed and signed without knowing what is in them"},
	{pkg: "internal/linecode", bare: true, why: "lines that people read to each other hold bytes, whatever those are"},
	{pkg: "internal/clock", may: []string{"pkg/event", "internal/each"}, why: "by when somebody must be told follows from facts and a calendar: nothing is read for it"},
	{pkg: "internal/guard", may: []string{"internal/pattern", "pkg/action", "internal/host"}, why: "what must be left alone follows from rules and from what an action is given: no run and no file is read for it"},
	{pkg: "internal/environment", may: []string{"internal/selector", "internal/guard", "internal/clock", "pkg/event", "internal/sshsig", "internal/each", "internal/pattern", "pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "pkg/action", "internal/durable", "internal/host/process"}, why: "an environment binds names to systems and knows no run"},
	{pkg: "internal/schema", may: []string{"internal/each", "internal/pattern", "pkg/runbook", "internal/language", "pkg/action"}, why: "a schema is made of the parsers' tables and the actions' specs, which it is handed"},
	{pkg: "internal/fitting", may: []string{"internal/guard", "pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "pkg/action", "pkg/event", "internal/environment", "internal/expr", "internal/plan", "internal/compile", "internal/drive"}, why: "what a runbook asks of an environment is read off the two files and this machine; nothing is connected to"},
	{pkg: "internal/scenario", may: []string{"pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "pkg/action", "internal/check"}, why: "a scenario is a file about a runbook: it is held against the runbook's inputs and steps, and plays nothing"},
	{pkg: "internal/format", may: []string{"internal/each", "pkg/runbook", "internal/language"}, why: "how a file is written follows from its tree and the tables of keys that it is handed"},
	{pkg: "internal/store", may: []string{"pkg/journal", "internal/account", "internal/durable"}, why: "the store keeps lines durable and does not know what they mean"},
	{pkg: "internal/store/...", may: []string{"pkg/journal", "internal/store"}, why: "the store keeps lines durable and does not know what they mean"},
	{pkg: "internal/systems/server", may: tools, why: "what clients of servers have in common knows none of them"},
	{pkg: "internal/systems/...", may: append([]string{"internal/systems/server"}, tools...), why: "a client of a system that several actions drive knows the system and the SDK, and no action"},
	{pkg: "internal/recording", may: []string{"internal/pattern", "internal/durable"}, why: "what a shell shows is kept without knowing of which run"},
	{pkg: "internal/mailing", may: []string{"internal/pattern", "internal/durable", "pkg/action", "runbooks"}, why: "what a reader gets follows from files: nothing is sent for it"},
	{pkg: "internal/actions/notify", may: append([]string{"internal/mailing", "internal/systems/..."}, tools...), why: "a message to a list is an action like all others, and what each reader gets is written elsewhere"},
	{pkg: "internal/actions/cacao", may: append([]string{"internal/programs", "internal/cacao/reference", "internal/cacao/value"}, tools...), why: "commands of playbooks are actions like all others, and read variables where the front end says that they are read"},
	{pkg: "internal/actions/...", may: append([]string{"internal/systems/..."}, tools...), why: "built-in actions use the SDK that everybody's actions use, and their system's client; if one needs more, the SDK is wrong"},
	{pkg: "internal/registry", may: []string{"internal/each", "pkg/action", "internal/actions/..."}, why: "the registry is the one visible list of actions"},
	{pkg: "internal/connector/openapi", may: []string{"internal/data", "internal/language", "internal/pattern"}, why: "what a vendor publishes is read without knowing what anybody makes of it"},
	{pkg: "internal/connector/trial", may: []string{"internal/actiontest", "internal/coerce", "internal/connector", "internal/connector/openapi", "internal/data", "internal/expr", "internal/language", "internal/patience", "internal/registry", "pkg/action", "pkg/runbook"}, why: "what tries a connector knows the file, the description and the contract of actions, and no run"},
	{pkg: "internal/plugin", may: []string{"pkg/action", "internal/account", "internal/actiontest", "internal/coerce", "internal/data", "internal/durable", "internal/each", "internal/host/process", "internal/kind", "internal/pattern", "internal/registry", "internal/sent"}, why: "a plugin is an action like all others, in another process: it knows the contract, and no run"},
	{pkg: "internal/connector", may: append([]string{"pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "internal/expr", "internal/registry", "internal/systems/server"}, tools...), why: "a connector is a file that becomes kinds of targets: it knows the contract, requests and expressions, and no run"},

	{pkg: "internal/authority", may: []string{"pkg/event", "internal/engine", "internal/environment", "internal/sshsig"}, why: "who may ask what follows from the run, its people and the one who asks: nothing is read or written for it"},
	{pkg: "internal/anchor", may: []string{"pkg/action", "pkg/journal", "internal/durable", "internal/host/process", "internal/httpclient"}, why: "who remembers a checkpoint gets a text and gives a receipt: what the log means is nothing to them"},
	{pkg: "internal/notice", may: []string{"internal/authority", "pkg/event", "pkg/action", "internal/engine", "internal/environment", "internal/drive", "internal/projection"}, why: "whom a run that waits tells follows from its journal and its environment: nothing is sent from here"},
	{pkg: "internal/claim", may: []string{"internal/account", "pkg/event", "pkg/action", "internal/plan", "internal/engine"}, why: "who relies on what follows from the journals and is kept nowhere else"},
	{pkg: "internal/drive/...", may: []string{"internal/guard", "internal/each", "internal/pattern", "pkg/event", "pkg/journal", "internal/data", "internal/sent", "internal/coerce", "pkg/action", "internal/claim", "internal/plan", "internal/engine", "internal/authority", "internal/expr", "internal/compile", "internal/drive/..."}, why: "a driver carries out what the engine asks for: it is handed journal, environment and actions, and speaks to nobody"},
	{pkg: "internal/simulate", may: []string{"pkg/event", "internal/coerce", "pkg/action", "internal/plan", "internal/engine", "internal/expr", "internal/drive"}, why: "a simulated run is the real engine and the real driver's decisions, and reaches nothing"},
	{pkg: "internal/runbooktest", may: []string{"internal/each", "internal/pattern", "pkg/runbook", "internal/data", "internal/finding", "internal/language", "internal/suggest", "internal/coerce", "pkg/action", "pkg/event", "internal/plan", "internal/engine", "internal/expr", "internal/compile", "internal/drive", "internal/simulate"}, why: "a test knows the file, the plan and the simulated run, and touches no system"},
	{pkg: "internal/library", may: []string{"internal/report", "internal/sshsig", "internal/each", "internal/pattern", "internal/data", "pkg/action", "pkg/event", "pkg/runbook", "internal/finding", "internal/language", "internal/suggest", "internal/plan", "internal/check", "internal/compile", "internal/cacao", "internal/cacao/convert", "internal/cacao/signature", "internal/environment", "internal/fitting", "internal/format", "internal/registry", "internal/runbooktest", "internal/scenario", "internal/connector", "internal/connector/trial", "internal/schema", "runbooks", "internal/durable"}, why: "from a name to a checked plan is the same for every command: the library knows no flags, streams or exit statuses, and drives nothing"},
	{pkg: "internal/manual", may: []string{"internal/each", "pkg/action", "pkg/runbook", "internal/finding", "internal/language"}, why: "the manual is texts and tables of the language; what it cannot know it is handed"},
	{pkg: "internal/readiness", may: []string{"internal/exercise", "internal/each", "internal/plugin", "pkg/action", "internal/plan", "internal/fitting", "internal/drive", "internal/environment", "internal/host", "internal/registry", "internal/library", "internal/projection"}, why: "what would not work is looked at without running anything"},
	{pkg: "internal/projection", may: []string{"internal/clock", "pkg/event", "pkg/journal", "internal/data", "internal/plan", "internal/engine"}, why: "a projection is a fold of the journal and reads nothing else"},
	{pkg: "internal/exercise", may: []string{"internal/each", "internal/data", "internal/compile", "internal/durable", "internal/engine", "internal/plan", "internal/projection", "internal/scenario", "internal/simulate", "pkg/action", "pkg/event", "pkg/runbook"}, why: "an exercise is played by the real engine in a simulated world: it has no environment of its own and runs no action but those that it is handed"},
	{pkg: "internal/report", may: []string{"internal/clock", "internal/each", "internal/language", "internal/logformat", "internal/projection", "pkg/action", "pkg/event", "pkg/journal", "pkg/runbook"}, why: "what is told afterwards is what the journals say: a report reads nothing else and shows nothing"},
	{pkg: "internal/logformat", may: []string{"internal/pattern", "pkg/event", "pkg/action", "internal/projection"}, why: "other systems are told what people are told, from the journal alone"},
	{pkg: "internal/view", may: []string{"internal/clock", "internal/exercise", "internal/each", "internal/pattern", "pkg/event", "internal/language", "internal/data", "pkg/action", "pkg/runbook", "internal/finding", "pkg/journal", "internal/plan", "internal/engine", "internal/projection", "internal/runbooktest", "internal/environment", "internal/fitting"}, why: "commands compute, views speak: a view is given all it shows"},
	{pkg: "internal/request", may: []string{"internal/authority", "internal/clock", "internal/compile", "internal/drive/local", "internal/each", "internal/engine", "internal/environment", "internal/linecode", "internal/plan", "internal/sshsig", "internal/suggest", "pkg/event"}, why: "what a person asks of a run becomes an event of it: nothing is read or written for that"},
	{pkg: "internal/desk", may: []string{"internal/guard", "internal/request", "internal/account", "internal/each", "pkg/event", "pkg/action", "pkg/journal", "pkg/runbook", "internal/language", "internal/plan", "internal/engine", "internal/compile", "internal/environment", "internal/anchor", "internal/authority", "internal/claim", "internal/drive", "internal/drive/local", "internal/durable", "internal/notice", "internal/projection", "internal/store", "internal/sshsig", "internal/bundle", "internal/logformat"}, why: "what a person does with a run knows no command line and no screen: it is handed what was prepared, and tells an observer"},
	{pkg: "internal/web", may: []string{"internal/clock", "internal/desk", "internal/durable", "internal/each", "internal/projection", "pkg/action", "pkg/event"}, why: "a page shows what the desk reads: it folds no journal and decides nothing"},
	{pkg: "internal/lab", may: []string{"pkg/action"}, why: "the lab is the witness: it must not share code with what it watches"},
	{pkg: "internal/realtest", why: "what starts a real daemon for a test looks at it with the daemon's own clients and shares no code with irctl"},
	{pkg: "internal/real", why: "proofs are tests: they run the real program and look from outside"},
	{pkg: "internal/crash", why: "proofs are tests: they run the real program and look from outside"},
	{pkg: "internal/proof", why: "proofs are tests: they run the real program and look from outside"},
	{pkg: "internal/bench", why: "benchmarks are tests: they measure the real program"},
	{pkg: "internal/contract", why: "proofs are tests: they hold every kind of system to the contract of actions"},
	{pkg: "internal/archtest", why: "the rules stand apart from what they judge"},
	{pkg: "runbooks", why: "the shipped runbooks are files"},
	{pkg: "internal/command", may: []string{"internal/manual", "internal/pattern", "internal/projection", "internal/suggest"}, why: "how a command is made is the same whatever it does"},
	{pkg: "internal/advice", may: []string{"internal/each", "pkg/runbook", "internal/authority", "internal/command", "internal/desk", "internal/engine", "internal/environment", "internal/library", "internal/linecode", "internal/outside", "internal/projection", "internal/request", "internal/sshsig", "internal/store"}, why: "what to do about an error follows from its type, whatever command it ends"},
	{pkg: "internal/cli", may: []string{"internal/each", "pkg/...", "internal/...", "runbooks"}, why: "cli wires everything together"},
	{pkg: "internal/outside", may: []string{"pkg/action", "internal/account", "internal/store", "internal/durable"}, why: "what a command is given of its process knows no command"},
	{pkg: "internal/child", may: []string{"pkg/action", "internal/outside", "internal/cli", "internal/store", "internal/store/..."}, why: "irctl as a child of a test is irctl as a whole, on a disk and with actions that may kill it"},
	{pkg: "cmd/irctl", may: []string{"internal/cli", "internal/outside"}, why: "the main package is one line"},
}

// owner says which packages may import a heavy dependency.
type owner struct {
	module string
	pkgs   []string
}

// owners keeps every heavy dependency behind one package, so that it can be
// replaced there and its weight has one place to be questioned.
var owners = []owner{
	{"github.com/spf13/cobra", []string{"internal/cli", "internal/command"}},
	{"github.com/spf13/pflag", []string{"internal/cli", "internal/command"}},
	{"github.com/charmbracelet/", []string{"internal/view"}},
	{"github.com/muesli/termenv", []string{"internal/view"}},
	{"cel.dev/", []string{"internal/expr"}},
	{"github.com/google/cel-go", []string{"internal/expr"}},
	{"gopkg.in/yaml.v3", []string{"internal/language"}},
	{"go.yaml.in/yaml", []string{"internal/language"}},
	{"github.com/aws/aws-sdk-go-v2", []string{"internal/connector"}},
	{"github.com/digitorus/timestamp", []string{"internal/anchor"}},
	{"filippo.io/mldsa", []string{"internal/anchor"}},
	{"github.com/gofrs/flock", []string{"internal/anchor", "internal/store", "internal/claim", "internal/durable", "internal/exercise", "internal/systems/casefolder", "internal/lab", "internal/recording"}},
	{"github.com/creack/pty", []string{"internal/recording"}},
	{"github.com/benbjohnson/immutable", []string{"internal/engine"}},
	{"github.com/go-ldap/ldap/v3", []string{"internal/systems/directory/...", "internal/lab"}},
	{"github.com/jackc/pgx/v5", []string{"internal/systems/postgres"}},
	{"github.com/redis/go-redis/v9", []string{"internal/systems/redis"}},
	{"filippo.io/age", []string{"internal/environment"}},
	{"github.com/wneessen/go-mail", []string{"internal/actions/..."}},
	{"github.com/emersion/go-smtp", []string{"internal/lab"}},
	{"mvdan.cc/sh/v3", []string{"internal/actions/cacao"}},
	{"github.com/gowebpki/jcs", []string{"internal/cacao/signature"}},
	{"github.com/theory/jsonpath", []string{"internal/actions/cacao"}},
	{"rsc.io/qr", []string{"internal/view"}},
	{"github.com/rickar/cal/v2", []string{"internal/clock"}},
	{"github.com/hiddeco/sshsig", []string{"internal/sshsig"}},
	{"github.com/miekg/dns", []string{"internal/actions/dns", "internal/systems/nameserver"}},
}

// impure is what the engine must do without: every state has to follow from
// the plan and the events alone.
var impure = map[string]string{
	"context":      "the engine waits for nobody",
	"os":           "the engine touches no file",
	"io/fs":        "the engine touches no file",
	"net":          "the engine talks to nobody",
	"net/http":     "the engine talks to nobody",
	"math/rand":    "the same events must give the same state",
	"math/rand/v2": "the same events must give the same state",
	"crypto/rand":  "the same events must give the same state",
	"sync":         "a state is a value and is shared with nobody",
	"sync/atomic":  "a state is a value and is shared with nobody",
	"log":          "the engine says nothing",
	"log/slog":     "the engine says nothing",
	"unsafe":       "a state is a value",
}

// clock lists what the engine must not call: times come from events.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "NewTimer", "NewTicker", "Tick"}

// speakers may write to the process's own streams: the view, which is handed
// them, and the one file that wires the real ones in.
var speakers = []string{"internal/view", "cmd/irctl"}

// vague are names that a package may not have: they say nothing about what is
// inside.
var vague = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base"}

// maxLines is the most lines a file may have, so that it can be read in one
// go; a file of tests is read case by case.
const (
	maxLines     = 450
	maxTestLines = 700
)

package trial

import "github.com/irctl/irctl/internal/language"

// Table is the keys of a file of cases.
func Table() language.Table { return fileTable }

var fileTable = language.NewTable(append(language.Header(Kind),
	language.Key{Name: "connector", Required: true, Forms: language.AName(language.StepName), Example: "okta",
		Description: "The name of the connector that is tried."},
	language.Key{Name: "config", Forms: anything, Example: "{url: '${{ server }}'}",
		Description: "The config of the target; `server` is the URL of the server. Without it the field that `base` is made of leads there. Secrets are made up."},
	language.Key{Name: "server", Required: true, Forms: language.AMapping(serverTable), Example: "{state: {users: [{id: '1'}]}, operations: {getUser: {one: users, where: it.id == path.id}}}",
		Description: "The system, as a server plays it."},
	language.Key{Name: "cases", Required: true, Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(caseTable), Filled: true}}, Example: "[{action: account.disable, with: {account: alice}}]",
		Description: "Uses of the connector's actions: at least one for each."},
)...)

var anything = []language.Form{{Shape: language.AnyShape}}

var serverTable = language.NewTable(
	language.Key{Name: "state", Required: true, Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{users: [{id: '1', status: ACTIVE}]}",
		Description: "Lists of the things that the system has, each by a name."},
	language.Key{Name: "errors", Forms: language.Entries(language.AnyName, language.Form{Shape: language.AnyShape}), Example: "{default: {errorCode: E1}, '404': {errorCode: E7}}",
		Description: "The bodies of refusals, by status."},
	language.Key{Name: "operations", Required: true, Forms: language.Entries(language.AnyName, language.AMapping(effectTable)...), Example: "{getUser: {one: users, where: it.id == path.id}}",
		Description: "What each operation of the description does, by its operationId."},
)

var effectKeys = []language.Key{
	{Name: "one", Forms: language.AText(), Example: "users",
		Description: "The list of which `where` chooses one; if there is none the answer is 404."},
	{Name: "all", Forms: language.AText(), Example: "users",
		Description: "The list of which `where` chooses any number."},
	{Name: "add", Forms: language.AText(), Example: "incidents",
		Description: "The list that gets `value` as one more."},
	{Name: "where", Forms: language.AText(), Example: "it.id == path.id",
		Description: "CEL over `it`: whether it is chosen. What cannot be worked out is not."},
	{Name: "value", Forms: anything, Example: "{id: 'I${{ made }}', title: '${{ body.title }}'}",
		Description: "What is added; `made` counts the things that were made."},
	{Name: "set", Forms: language.Entries(language.AnyName, language.Form{Shape: language.AnyShape}), Example: "{status: SUSPENDED}",
		Description: "What becomes of each that is chosen, by names with dots."},
	{Name: "remove", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether each that is chosen is gone then."},
}

var alsoTable = language.NewTable(effectKeys...)

var effectTable = language.NewTable(append(effectKeys[:len(effectKeys):len(effectKeys)],
	language.Key{Name: "also", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(alsoTable)}}, Example: "[{all: sessions, where: it.user == path.id, remove: true}]",
		Description: "What happens besides."},
	language.Key{Name: "refuse", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(refusalTable)}}, Example: "[{when: it.status == 'SUSPENDED', status: 400}]",
		Description: "When it does nothing, and what it answers then."},
	language.Key{Name: "pages", Forms: language.AMapping(pagesTable), Example: "{size: 1, from: query.after}",
		Description: "How a long answer is divided: `page` is one part, `next` where the next one begins."},
	language.Key{Name: "status", Forms: []language.Form{{Shape: language.WholeShape, Least: 200, Most: 599}}, Example: "204",
		Description: "The status of the answer; the first good one that is described without it."},
	language.Key{Name: "answer", Forms: anything, Example: "{user: '${{ it }}'}",
		Description: "The answer; without it the thing that was chosen or added, or the list, if a body is described."},
	language.Key{Name: "headers", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{Location: '${{ server }}/jobs/1'}",
		Description: "Headers of the answer."},
)...)

var refusalTable = language.NewTable(
	language.Key{Name: "when", Required: true, Forms: language.AText(), Example: "it.status == 'SUSPENDED'",
		Description: "CEL: it is refused."},
	language.Key{Name: "status", Required: true, Forms: []language.Form{{Shape: language.WholeShape, Least: 200, Most: 599}}, Example: "400",
		Description: "The status."},
	language.Key{Name: "answer", Forms: anything, Example: "{errorCode: E1}",
		Description: "The body; without it the one of `errors`."},
)

var pagesTable = language.NewTable(
	language.Key{Name: "size", Required: true, Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1000}}, Example: "1",
		Description: "How many things one answer holds."},
	language.Key{Name: "from", Required: true, Forms: language.AText(), Example: "query.after",
		Description: "CEL: where the page begins, as `next` of the one before said."},
)

var caseTable = language.NewTable(
	language.Key{Name: "name", Forms: language.AText(), Example: "a person who signs in by mail address",
		Description: "What the case is about; without it its action."},
	language.Key{Name: "action", Required: true, Forms: language.AText(), Example: "account.disable",
		Description: "The action."},
	language.Key{Name: "with", Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{account: alice@example.com}",
		Description: "Its inputs."},
	language.Key{Name: "given", Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{users: []}",
		Description: "Lists of the state that are others in this case."},
	language.Key{Name: "state", Forms: language.AText(), Example: "SUSPENDED",
		Description: "A part of what a look says of it afterwards."},
	language.Key{Name: "outputs", Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{case: I1}",
		Description: "Outputs of the result."},
	language.Key{Name: "anew", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether another step makes something new although there is one already, such as a password."},
	language.Key{Name: "stays", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether undo leaves what was made on purpose, and only adds to it."},
	language.Key{Name: "exchanges", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(exchangeTable)}}, Example: "[{request: 'GET /users/alice', status: 200, answer: {status: ACTIVE}}]",
		Description: "What a look exchanged with the real system, as irctl connector record writes it: the case is that look alone, and each answer is held against the description."},
	language.Key{Name: "fails", Forms: language.AText(), Example: "is not there",
		Description: "A part of the error that is expected; then nothing may be changed."},
)

var exchangeTable = language.NewTable(
	language.Key{Name: "request", Required: true, Forms: language.AText(), Example: "GET /users/alice",
		Description: "The method, and the path below the base, with its query."},
	language.Key{Name: "body", Forms: anything, Example: "{query: alice}",
		Description: "The body of the request, for people."},
	language.Key{Name: "status", Required: true, Forms: []language.Form{{Shape: language.WholeShape, Least: 100, Most: 599}}, Example: "200",
		Description: "The status of the answer."},
	language.Key{Name: "answer", Forms: anything, Example: "{status: ACTIVE}",
		Description: "Its body."},
)

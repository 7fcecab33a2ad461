package authority_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

var people = authority.People{
	{Name: "dana", FullName: "Dana Okafor", Roles: []string{"commander"}, User: "dana", Phone: "+1 555 0101"},
	{Name: "sam", FullName: "Sam Rivera", Roles: []string{"it-lead", "commander"}, User: "*"},
	{Name: "alex", FullName: "Alex Haddad", Roles: []string{"legal"}, User: "alex"},
}

func TestChoose(t *testing.T) {
	commander := []string{"commander"}
	choose := func(account, as, role string, roles ...string) (authority.Speaker, error) {
		return people.Choose(authority.Speaker{Account: account, Person: as, Role: role, From: authority.Terminal}, roles)
	}
	is := func(account, person, role string) authority.Speaker {
		return authority.Speaker{Account: account, Person: person, Role: role, From: authority.Terminal}
	}
	got, err := choose("dana", "", "", commander...)
	require.NoError(t, err)
	require.Equal(t, is("dana", "dana", "commander"), got, "one's own name comes before one that is open to all")

	got, err = choose("somebody", "", "", commander...)
	require.NoError(t, err)
	require.Equal(t, is("somebody", "sam", "commander"), got)

	got, err = choose("dana", "sam", "", commander...)
	require.NoError(t, err)
	require.Equal(t, is("dana", "sam", "commander"), got)

	alex := authority.Candidate{Person: "alex", FullName: "Alex Haddad", Role: "legal"}
	_, err = choose("dana", "", "", "legal")
	require.Equal(t, &authority.Refusal{Reason: authority.NotTheirs, Account: "dana", Roles: []string{"legal"}, Instead: []authority.Candidate{alex}}, err)
	require.EqualError(t, err, "dana may not answer this as legal")

	_, err = choose("alex", "dana", "", commander...)
	var refusal *authority.Refusal
	require.ErrorAs(t, err, &refusal)
	require.EqualError(t, err, "alex may not answer this as dana")
	require.Contains(t, refusal.Instead, authority.Candidate{Person: "dana", FullName: "Dana Okafor", Phone: "+1 555 0101", Role: "commander"})

	_, err = choose("alex", "alex", "", commander...)
	require.EqualError(t, err, "alex may not answer this as alex, who is not commander")
	_, err = choose("alex", "nobody", "", commander...)
	require.EqualError(t, err, `the environment names nobody called "nobody"`)

	_, err = choose("dana", "", "legal", commander...)
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, authority.RoleNotAsked, refusal.Reason)

	_, err = choose("sid", "", "", "it-lead", "commander")
	require.NoError(t, err)
	twice := append(authority.People{{Name: "deputy", Roles: []string{"commander"}, User: "dana"}}, people...)
	_, err = twice.Choose(authority.Speaker{Account: "dana"}, commander)
	var ambiguous *authority.AmbiguousError
	require.ErrorAs(t, err, &ambiguous)
	require.Len(t, ambiguous.Choices, 2)
}

func TestWithoutPeopleWhoeverMayWriteMayAnswer(t *testing.T) {
	got, err := authority.People(nil).Choose(authority.Speaker{Account: "root"}, []string{"commander"})
	require.NoError(t, err)
	require.Equal(t, authority.Speaker{Account: "root", Role: "commander"}, got)
	_, err = authority.People(nil).Choose(authority.Speaker{Account: "root", Person: "dana"}, nil)
	require.EqualError(t, err, `the run's environment names no people, so nobody is "dana"`)
}

func TestActNeedsNoRoleButOnesOwnName(t *testing.T) {
	got, err := people.Choose(authority.Speaker{Account: "root"}, nil)
	require.NoError(t, err)
	require.Equal(t, "sam", got.Person)
	got, err = people.Choose(authority.Speaker{Account: "dana"}, nil)
	require.NoError(t, err)
	require.Equal(t, "", got.Person, "both dana and sam")
	_, err = people.Choose(authority.Speaker{Account: "dana", Person: "alex"}, nil)
	require.Equal(t, &authority.Refusal{Reason: authority.NotTheirs, Account: "dana", Person: "alex", Own: []string{"dana", "sam"}}, err)
	require.EqualError(t, err, "dana may not act as alex")
}

// asking is a run that asks the commander.
func asking(t *testing.T) engine.State {
	t.Helper()
	s := engine.New(plantest.Build(plantest.Node(plan.Approve, "ask")))
	for _, e := range []event.Event{
		{Time: time.Unix(1, 0), By: &event.Actor{User: "root"}, Body: event.RunStarted{Run: "01RUN"}},
		{Time: time.Unix(2, 0), Path: "ask", Body: event.ApprovalAsked{Roles: []string{"commander"}, Need: 1}},
	} {
		var err error
		s, err = engine.Apply(s, e)
		require.NoError(t, err)
	}
	return s
}

func TestMay(t *testing.T) {
	s := asking(t)
	yes := func(user, person, role string) event.Event {
		return event.Event{Path: "ask", By: &event.Actor{User: user, Person: person}, Body: event.ApprovalGiven{Role: role}}
	}
	may := func(e event.Event) error {
		return authority.Rules{People: people}.May(s, e, authority.SpeakerOf(e, authority.Inbox))
	}
	require.NoError(t, may(yes("dana", "dana", "commander")))
	require.NoError(t, may(yes("root", "sam", "commander")), "everybody may be Sam")
	require.NoError(t, may(event.Event{By: &event.Actor{User: "anybody"}, Body: event.NoteAdded{Text: "hello"}}))
	require.NoError(t, may(event.Event{Path: "other", By: &event.Actor{User: "dana"}, Body: event.ApprovalGiven{Role: "commander"}}), "the engine says that nothing is asked")
	for want, e := range map[string]event.Event{
		"mallory may not answer this as dana":                    yes("mallory", "dana", "commander"),
		"mallory may not answer this as commander":               yes("mallory", "", "commander"),
		"alex may not answer this as alex, who is not commander": yes("alex", "alex", "commander"),
		`the environment names nobody called "eve"`:              yes("mallory", "eve", "commander"),
		`role "legal" was not asked; commander may answer`:       yes("alex", "alex", "legal"),
		"mallory may not act as dana":                            {By: &event.Actor{User: "mallory", Person: "dana"}, Body: event.RunPaused{}},
		"attempt_started is nothing that a person can ask for":   {Path: "ask", By: &event.Actor{User: "dana"}, Body: event.AttemptStarted{Attempt: 1}},
		"run_paused is nothing that a person can ask for":        {Body: event.RunPaused{}},
		"approval_refused is nothing that a person can ask for":  {Path: "ask", By: &event.Actor{}, Body: event.ApprovalRefused{}},
	} {
		require.EqualError(t, may(e), want)
	}
	require.Error(t, authority.Rules{People: people}.May(s, yes("dana", "dana", "commander"), authority.Speaker{Account: "dana", Person: "dana", Role: "commander"}), "from nowhere")
}

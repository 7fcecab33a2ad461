package coerce_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

var allTypes = []action.Field{
	{Name: "text", Type: action.String, Required: true, Pattern: `INC-[0-9]+`, Example: "INC-1"},
	{Name: "count", Type: action.Int, Default: 3},
	{Name: "share", Type: action.Float},
	{Name: "really", Type: action.Bool},
	{Name: "within", Type: action.Duration, Default: "15m"},
	{Name: "at", Type: action.Time},
	{Name: "names", Type: action.List, Items: action.String},
	{Name: "waits", Type: action.Map, Items: action.Duration},
	{Name: "auth", Type: action.Map, Fields: []action.Field{
		{Name: "user", Type: action.String, Required: true},
		{Name: "password", Type: action.String, Secret: true},
		{Name: "realm", Type: action.String, Default: "main"},
	}},
	{Name: "ways", Type: action.List, Items: action.Map, Fields: []action.Field{{Name: "name", Type: action.String, Required: true}}},
	{Name: "severity", Type: action.Enum, Enum: []string{"low", "high"}},
	{Name: "headers", Type: action.Map, Items: action.String, Secret: true},
	{Name: "body", Type: action.Any, Secret: true},
}

func TestCoerceTypesEverything(t *testing.T) {
	token := action.NewSecret("s3cret")
	got, problems := coerce.Fields(allTypes, map[string]any{
		"text": "INC-7", "share": "0.5", "really": "true", "at": "2026-03-01T14:30:00+01:00",
		"names": []string{"alice", "bob"}, "waits": map[string]string{"a": "90s"},
		"auth": map[string]any{"user": "dana", "password": "hunter2"},
		"ways": []any{map[string]any{"name": "phone"}}, "severity": "high",
		"headers": map[string]any{"Authorization": token, "X-Plain": "a"},
		"body":    map[string]any{"deep": []any{token}},
	})
	require.Empty(t, problems)
	at := got["at"].(time.Time)
	require.True(t, at.Equal(time.Date(2026, 3, 1, 13, 30, 0, 0, time.UTC)))
	delete(got, "at")
	require.Equal(t, action.Values{
		"text": "INC-7", "count": int64(3), "share": 0.5, "really": true, "within": 15 * time.Minute,
		"names": []any{"alice", "bob"}, "waits": map[string]any{"a": 90 * time.Second},
		"auth": map[string]any{"user": "dana", "password": action.NewSecret("hunter2"), "realm": "main"},
		"ways": []any{map[string]any{"name": "phone"}}, "severity": "high",
		"headers": map[string]any{"Authorization": token, "X-Plain": "a"},
		"body":    map[string]any{"deep": []any{token}},
	}, got)
}

func TestCoerceFindsEveryProblem(t *testing.T) {
	secret := action.NewSecret("s3cret")
	_, problems := coerce.Fields(allTypes, map[string]any{
		"sevrity": "high", "zzz": 1,
		"count": "07", "share": "much", "really": "yes", "within": int64(90), "at": "tomorrow",
		"names": []any{"alice", nil, secret}, "waits": map[string]any{"a": "90"},
		"auth": map[string]any{"usr": "dana"}, "ways": "phone", "severity": "hgih", "headers": "x",
	})
	var got []string
	for _, p := range problems {
		got = append(got, p.Input+" "+p.Message+" | "+p.Hint)
	}
	require.Equal(t, []string{
		`sevrity is not known here | did you mean ` + "`severity`" + `?`,
		`zzz is not known here | known are text, count, share, really, within, at, names, waits, auth, ways, severity, headers, body`,
		`text is missing | for example: INC-1`,
		`count "07" is not a whole number | `,
		`share "much" is not a number | `,
		`really "yes" is not true or false | write true or false`,
		`within must be a duration, not a number | write a number with a unit, such as "90s", "15m" or "2h30m"`,
		`at "tomorrow" is not a time | write it as in "2026-03-01T14:30:00Z" (RFC 3339)`,
		`names[1] is empty | write a text`,
		`names[2] must not hold a secret: it would be shown and kept | hand secrets only to inputs that are marked as secret`,
		`waits.a "90" is not a duration | write a number with a unit, such as "90s", "15m" or "2h30m"`,
		`auth.usr is not known here | did you mean ` + "`user`" + `?`,
		`auth.user is missing | `,
		`ways must be a list, not a text | put it in brackets: ["phone"]`,
		`severity "hgih" is not one of low, high | did you mean ` + "`high`" + `?`,
		`headers must be a map, not a text | `,
	}, got)
}

func TestCoerceOne(t *testing.T) {
	for name, c := range map[string]struct {
		field action.Field
		in    any
		want  any
		bad   string
	}{
		"whole number as text":     {action.Field{Type: action.String}, int64(1001), "1001", ""},
		"fraction as text":         {action.Field{Type: action.String}, 1.10, nil, "must be a text, not a number"},
		"bool as text":             {action.Field{Type: action.String}, true, nil, "must be a text, not true or false"},
		"pattern is anchored":      {action.Field{Type: action.String, Pattern: "a|ab"}, "abc", nil, `"abc" does not match the pattern a|ab`},
		"pattern, no line end":     {action.Field{Type: action.String, Pattern: "a"}, "a\n", nil, `"a" does not match the pattern a`},
		"text becomes secret":      {action.Field{Type: action.String, Secret: true}, "x", action.NewSecret("x"), ""},
		"secret is not quoted":     {action.Field{Type: action.String, Secret: true, Pattern: "a"}, "hunter2", nil, "[redacted] does not match the pattern a"},
		"whole float":              {action.Field{Type: action.Int}, 3.0, int64(3), ""},
		"broken float":             {action.Field{Type: action.Int}, 3.5, nil, "must be a whole number, not a number"},
		"infinite":                 {action.Field{Type: action.Float}, "Inf", nil, `"Inf" is not a number`},
		"negative duration":        {action.Field{Type: action.Duration}, "-5s", nil, `"-5s" is not a duration`},
		"secret hidden in any":     {action.Field{Type: action.Any}, []any{map[string]any{"a": action.NewSecret("x")}}, nil, "must not hold a secret: it would be shown and kept"},
		"unknown type of field":    {action.Field{Type: "colour"}, "x", nil, `"x" is not of the type "colour"`},
		"long text is cut":         {action.Field{Type: action.Int}, "9\x1b[31m" + string(make([]byte, 500)), nil, ""},
		"empty list stays a list":  {action.Field{Type: action.List}, []any{}, []any{}, ""},
		"values count as a map":    {action.Field{Type: action.Map}, action.Values{"a": int64(1)}, map[string]any{"a": int64(1)}, ""},
		"nested element in a list": {action.Field{Type: action.List, Items: action.Enum, Enum: []string{"a"}}, []any{"b"}, nil, `"b" is not one of a`},
	} {
		t.Run(name, func(t *testing.T) {
			got, p := coerce.One(c.field, c.in)
			require.Equal(t, c.want, got)
			if c.want != nil {
				require.Nil(t, p)
				return
			}
			require.NotNil(t, p)
			require.Less(t, len(p.Message), 200)
			require.NotContains(t, p.Message, "\x1b")
			if c.bad != "" {
				require.Equal(t, c.bad, p.Message)
			}
		})
	}
}

func TestATextWithAnIntegerThatIsTooLargeNamesTheRange(t *testing.T) {
	for text, want := range map[string]string{
		"9223372036854775808":  `must be a whole number from -9223372036854775808 to 9223372036854775807, not "9223372036854775808"`,
		"-9223372036854775809": `must be a whole number from -9223372036854775808 to 9223372036854775807, not "-9223372036854775809"`,
		"1.0":                  `"1.0" is not a whole number`,
	} {
		_, problems := coerce.Fields([]action.Field{{Name: "id", Type: action.Int}}, action.Values{"id": text})
		require.Len(t, problems, 1)
		require.Equal(t, want, problems[0].Message)
	}
}

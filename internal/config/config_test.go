package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

type door struct {
	Address  string
	Code     action.Secret
	Open     bool
	After    time.Duration
	Keys     []string
	Port     *int64
	Colour   string
	Way      struct{ Over string }
	Labels   map[string]string
	Retries  int64
	Weight   float64
	Whatever []any
}

func (d *door) Fields() config.Fields {
	return config.Fields{
		config.Into(&d.Address, action.Field{Name: "address", Required: true, Pattern: `.+:[0-9]+`}),
		config.Into(&d.Code, action.Field{Name: "code"}),
		config.Into(&d.Open, action.Field{Name: "open", Default: false}),
		config.Into(&d.After, action.Field{Name: "after", Default: time.Minute}),
		config.Into(&d.Keys, action.Field{Name: "keys"}),
		config.Into(&d.Port, action.Field{Name: "port"}),
		config.Into(&d.Colour, action.Field{Name: "colour", Type: action.Enum, Enum: []string{"red", "green"}}),
		config.Nested(action.Field{Name: "way"}, config.Fields{config.Into(&d.Way.Over, action.Field{Name: "over"})}),
		config.Into(&d.Labels, action.Field{Name: "labels"}),
		config.Into(&d.Retries, action.Field{Name: "retries"}),
		config.Into(&d.Weight, action.Field{Name: "weight"}),
		config.Into(&d.Whatever, action.Field{Name: "whatever"}),
	}
}

func (d *door) Check() []action.Problem {
	if d.Port != nil && *d.Port == 0 {
		return []action.Problem{{Input: "port", Message: "is 0"}}
	}
	return nil
}

func TestOneDescriptionDocumentsChecksAndFills(t *testing.T) {
	form := config.Describe[door](action.TargetType{Name: "door", Undo: true})
	require.Equal(t, []action.Field{
		{Name: "address", Type: action.String, Required: true, Pattern: `.+:[0-9]+`},
		{Name: "code", Type: action.String, Secret: true},
		{Name: "open", Type: action.Bool, Default: false},
		{Name: "after", Type: action.Duration, Default: time.Minute},
		{Name: "keys", Type: action.List, Items: action.String},
		{Name: "port", Type: action.Int},
		{Name: "colour", Type: action.Enum, Enum: []string{"red", "green"}},
		{Name: "way", Type: action.Map, Fields: []action.Field{{Name: "over", Type: action.String}}},
		{Name: "labels", Type: action.Map, Items: action.String},
		{Name: "retries", Type: action.Int},
		{Name: "weight", Type: action.Float},
		{Name: "whatever", Type: action.List},
	}, form.Fields)

	values, problems := coerce.Fields(form.Fields, map[string]any{
		"address": "a:1", "code": action.NewSecret("1234"), "keys": []any{"k1", "k2"}, "colour": "red", "way": map[string]any{"over": "x"},
		"labels": map[string]any{"n": "1"}, "retries": 3, "weight": 1.5, "whatever": []any{1, "a"},
	})
	require.Empty(t, problems)
	require.Empty(t, form.Check(values))
	d, err := config.Read[door](action.Target{Name: "front", Config: values})
	require.NoError(t, err)
	require.Equal(t, "1234", d.Code.Reveal())
	d.Code = action.Secret{}
	require.Equal(t, door{
		Address: "a:1", After: time.Minute, Keys: []string{"k1", "k2"}, Colour: "red", Way: struct{ Over string }{"x"},
		Labels: map[string]string{"n": "1"}, Retries: 3, Weight: 1.5, Whatever: []any{1, "a"},
	}, d)
}

func TestWhatWasNotGivenIsToldFromNought(t *testing.T) {
	_, err := config.Read[door](action.Target{Name: "front", Config: action.Values{"port": int64(0)}})
	require.Equal(t, action.Problem{Input: "port", Message: "is 0"}.Of("front"), err)
}

func TestAPartIsThereOnlyIfItIsGiven(t *testing.T) {
	type lock struct{ code string }
	type gate struct {
		lock     *lock
		anything any
	}
	fields := func(g *gate) config.Fields {
		return config.Fields{
			config.Part(action.Field{Name: "lock"}, func(l *lock) config.Fields {
				return config.Fields{config.Into(&l.code, action.Field{Name: "code"})}
			}, func(l *lock) { g.lock = l }),
			config.Any(&g.anything, action.Field{Name: "anything"}),
		}
	}
	var g gate
	require.Equal(t, []action.Field{
		{Name: "lock", Type: action.Map, Fields: []action.Field{{Name: "code", Type: action.String}}}, {Name: "anything", Type: action.Any},
	}, fields(&g).Describe())
	fields(&g).Fill(nil)
	require.Equal(t, gate{}, g)
	fields(&g).Fill(action.Values{"lock": map[string]any{"code": "7"}, "anything": []any{int64(1)}})
	require.Equal(t, gate{&lock{"7"}, []any{int64(1)}}, g)
}

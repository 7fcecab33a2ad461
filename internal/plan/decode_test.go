package plan_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
)

// filled sets every field to something that is not its zero value. Numbers are
// 0, where a link of a plan would lead nowhere otherwise.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(`tëxt "quoted" \ ` + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		filled(v.Index(0))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[plan.Value]() {
			v.Set(reflect.ValueOf(plan.Of(map[string]any{"list": []any{int64(7), 2.5, nil, "${{ x }}"}})))
			return
		}
		for i := range v.NumField() {
			filled(v.Field(i))
		}
	}
}

// Plans are read without encoding/json, which must see the same in them.
func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	var p, want plan.Plan
	filled(reflect.ValueOf(&p).Elem())
	none := plan.OnFailure{Policy: plan.FailStop, Next: plan.None}
	p.Version, p.Entry, p.Nodes = plan.Version, 0, p.Nodes[:1]
	n := &p.Nodes[0]
	n.Parent, n.Next, n.OnFailure, n.Line, n.MaxParallel = plan.None, plan.None, none, -3, 1<<40
	n.Blocks = []plan.Block{{Label: "then", Entry: plan.None, Always: true}}
	encoded, err := p.Encode()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(encoded, &want))
	got, err := plan.Decode(encoded)
	require.NoError(t, err)
	require.Equal(t, &want, got)
	for _, spoilt := range []string{"", "null", "[]", string(encoded) + "x", string(encoded[:len(encoded)-3]), `{"version":"1"}`, `{"version":1,"nodes":{}}`} {
		_, err = plan.Decode([]byte(spoilt))
		require.Error(t, err, spoilt)
	}
}

package event

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// sample fills every field of a body with something that is not its zero value.
func sample(t *testing.T, of reflect.Type) Body {
	v := reflect.New(of).Elem()
	fill(t, v)
	return v.Interface().(Body)
}

func fill(t *testing.T, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *Values:
		*x = Values{"text": `a "quoted" <b> ünïcode \ line` + "\n", "whole": int64(maxInt), "part": 1.5, "list": []any{int64(1), 2.25, nil, []any{}}, "map": map[string]any{"x": true, "$float": "no"}}
		return
	case *List:
		*x = List{"alice", int64(-7), 0.25, map[string]any{"n": 1e300}, nil}
		return
	case *time.Time:
		*x = noon
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("täxt of " + v.Type().Name())
	case reflect.Int, reflect.Int64:
		v.SetInt(42)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("no sample for a %s; add one", v.Type())
	}
}

func everyBody(t *testing.T) []Body {
	var out []Body
	for _, name := range Types() {
		out = append(out, sample(t, layouts()[name].of))
	}
	return out
}

func TestRoundTripOfEveryType(t *testing.T) {
	for _, body := range everyBody(t) {
		t.Run(string(body.Type()), func(t *testing.T) {
			want := Event{Time: noon, Path: "rotate[alice]/reset", By: &Actor{User: "dana", Person: "dana", Host: "war-room", PID: 7}, Request: "r1", Body: body}
			line, err := want.Encode()
			require.NoError(t, err)
			require.NotContains(t, string(line), "\n")
			got, err := Decode(line)
			require.NoError(t, err)
			require.Equal(t, want, got)

			sealed := fmt.Sprintf(`{"seq":12,%s,"hash":"00"}`, line[1:len(line)-1])
			got, err = Decode([]byte(sealed))
			require.NoError(t, err)
			require.Equal(t, want, got)

			again, err := got.Encode()
			require.NoError(t, err)
			require.Equal(t, string(line), string(again))
		})
	}
}

func TestRoundTripOfEmptyBodies(t *testing.T) {
	for _, name := range Types() {
		body := reflect.Zero(layouts()[name].of).Interface().(Body)
		line, err := Event{Time: noon, Body: body}.Encode()
		require.NoError(t, err)
		got, err := Decode(line)
		require.NoError(t, err, "%s", line)
		again, err := got.Encode()
		require.NoError(t, err)
		require.Equal(t, string(line), string(again))
	}
}

// Decode splits lines itself; encoding/json must see the same in them.
func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	for _, body := range everyBody(t) {
		line, err := Event{Time: noon, Path: "a", Body: body}.Encode()
		require.NoError(t, err)
		want := reflect.New(reflect.TypeOf(body))
		require.NoError(t, json.Unmarshal(line, want.Interface()))
		got, err := Decode(line)
		require.NoError(t, err)
		require.Equal(t, want.Elem().Interface(), got.Body)
	}
}

func TestNoFloatsOnDisk(t *testing.T) {
	for _, body := range everyBody(t) {
		line, err := Event{Time: noon, Body: body}.Encode()
		require.NoError(t, err)
		d := json.NewDecoder(strings.NewReader(string(line)))
		d.UseNumber()
		for {
			tok, err := d.Token()
			if err != nil {
				break
			}
			if n, ok := tok.(json.Number); ok {
				i, err := n.Int64()
				require.NoError(t, err, "%s holds the float %s: %s", body.Type(), n, line)
				require.LessOrEqual(t, max(i, -i), int64(maxInt))
			}
		}
	}
}

func TestUnknownTypesAreKept(t *testing.T) {
	line := `{"seq":3,"time":"2026-03-01T12:00:00.123456Z","type":"moon_rose","path":"a","by":{"user":"dana"},"phase":{"n":1},"hash":"00"}`
	got, err := Decode([]byte(line))
	require.NoError(t, err)
	require.Equal(t, Event{Time: noon, Path: "a", By: &Actor{User: "dana"}, Body: Unknown{"moon_rose", json.RawMessage(line)}}, got)
	_, err = got.Encode()
	require.Error(t, err, "a journal must not hold what this version does not understand twice")
}

func TestUnknownFieldsArePassedOver(t *testing.T) {
	got, err := Decode([]byte(`{"time":"2026-03-01T12:00:00.123456Z","type":"note_added","text":"call back","colour":[{"a":"}\""}],"n":-1.5e3}`))
	require.NoError(t, err)
	require.Equal(t, Event{Time: noon, Body: NoteAdded{Text: "call back"}}, got)
}

func TestTheOrderOfMembersDoesNotMatter(t *testing.T) {
	got, err := Decode([]byte(" { \"text\" : \"caf\\u00e9\" ,\t\"type\":\"note_added\",\"p\\u0061th\":\"a\",\"time\":\"2026-03-01T13:00:00.123456+01:00\" } "))
	require.NoError(t, err)
	require.Equal(t, Event{Time: noon, Path: "a", Body: NoteAdded{Text: "café"}}, got)
}

func TestDecodeRefuses(t *testing.T) {
	for _, line := range []string{
		``, `x`, `[]`, `"a"`, `{`, `{}`, `{"type":"note_added"}`, `{"time":"2026-03-01T12:00:00Z"}`,
		`{"time":"yesterday","type":"note_added"}`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added"`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added",}`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added"}{}`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added","text":7}`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added","text":"a`,
		`{"time":"2026-03-01T12:00:00Z","type":"note_added","text":{"a":[1,2}`,
		`{"time":"2026-03-01T12:00:00Z","type":"attempt_started","attempt":"1"}`,
		`{"time":"2026-03-01T12:00:00Z","type":"attempt_started","with":[1]}`,
		`{"time":"2026-03-01T12:00:00Z","type":"attempt_started","with":{"a":[1 2]}}`,
		`{"time":"2026-03-01T12:00:00Z","type":"attempt_started","with":{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`,
	} {
		_, err := Decode([]byte(line))
		require.Error(t, err, "%.120s", line)
	}
}

// Two members of one name are two values: this parser would show one and another
// parser the other, and both would say that the journal verifies.
func TestADoubledMemberIsRefusedWithItsPlace(t *testing.T) {
	const head = `{"time":"2026-03-01T12:00:00Z",`
	many := new(strings.Builder)
	for i := range 200 {
		fmt.Fprintf(many, `"k%d":1,`, i)
	}
	for line, place := range map[string]string{
		head + `"time":"2026-03-01T13:00:00Z","type":"note_added"}`:                                 `"time" at byte 31 stands there twice, first at byte 1`,
		head + `"type":"note_added","text":"yes","text":"no"}`:                                      `"text" at byte 64 stands there twice, first at byte 51`,
		head + `"type":"note_added","text":"yes","t\u0065xt":"no"}`:                                 `"text" at byte 64 stands there twice, first at byte 51`,
		head + `"type":"note_added","by":{"user":"dana","user":"sam"}}`:                             `"user" at byte 71 stands there twice, first at byte 57`,
		head + `"type":"note_added","other":{"a":[{"b":1,"b":2}]}}`:                                 `"b" at byte 72 stands there twice, first at byte 66`,
		head + `"text":"yes","type":"note_added","text":"no"}`:                                      `"text" at byte 64 stands there twice, first at byte 31`,
		head + `"other":{"b":1,"b":2},"type":"note_added"}`:                                         `"b" at byte 46 stands there twice, first at byte 40`,
		head + `"type":"step_succeeded","outputs":{"a":1,"a":2}}`:                                   `"a" at byte 72 stands there twice, first at byte 66`,
		head + `"type":"step_succeeded","outputs":{"a":[{"b":[1],"b":2}]}}`:                         `"b" at byte 80 stands there twice, first at byte 72`,
		head + `"type":"step_succeeded","artifacts":[{"sha256":"a","size":1},{"size":1,"size":2}]}`: `"size" at byte 102 stands there twice, first at byte 93`,
		head + `"type":"step_started","items":[{"a":1},{"a":1,"a":2}]}`:                             `"a" at byte 77 stands there twice, first at byte 71`,
		head + `"type":"moon_rose","phase":1,"phase":2}`:                                            `"phase" at byte 60 stands there twice, first at byte 50`,
		head + many.String() + `"type":"moon_rose","k150":2}`:                                       `stands there twice`,
		head + `"type":"step_succeeded","outputs":{` + many.String() + `"k150":2}}`:                 `stands there twice`,
	} {
		_, err := Decode([]byte(line))
		require.ErrorContains(t, err, place, line)
	}
}

func TestNumbersKeepTypeAndDigitsInTheJournal(t *testing.T) {
	values := Values{
		"exact": int64(maxInt), "least": int64(math.MinInt64), "id": int64(7615917337495251231), "most": uint64(math.MaxUint64),
		"beyond": json.Number("123456789012345678901234567890"), "whole": 2.0, "half": 1.5, "large": 1e300, "lost": Missing("longer than 16 MiB"),
		"maps": []any{map[string]any{"$float": "1.5"}, map[string]any{"$$float": "x"}, map[string]any{"$number": int64(7)}, map[string]any{"$missing": "x"}, map[string]any{"$other": "x"}},
	}
	line, err := Event{Time: noon, Path: "a", Body: StepSucceeded{Outputs: values}}.Encode()
	require.NoError(t, err)
	back, err := Decode(line)
	require.NoError(t, err)
	require.Equal(t, values, back.Body.(StepSucceeded).Outputs)
	require.Contains(t, string(line), `"id":{"$number":"7615917337495251231"}`)
	require.Contains(t, string(line), `"exact":9007199254740991`)
}

func TestNothingUnseenStandsInALine(t *testing.T) {
	const text = "a\u009b31m\u202eb\u3164\u115f\u00ad\ufe0f\u034f\U000e0001é山\u2028"
	line, err := Event{Time: noon, Path: text, By: &Actor{User: text}, Body: NoteAdded{Text: text}}.Encode()
	require.NoError(t, err)
	require.Contains(t, string(line), `"text":"a\u009b31m\u202eb\u3164\u115f\u00ad\ufe0f\u034f\udb40\udc01é山\u2028"`)
	back, err := Decode(line)
	require.NoError(t, err)
	require.Equal(t, text, back.Path)
	require.Equal(t, text, back.By.User)
	require.Equal(t, NoteAdded{Text: text}, back.Body)
}

// TestFieldsAreAppendOnly keeps a list of every type and field that was ever
// written. A line that goes missing makes old journals unreadable.
func TestFieldsAreAppendOnly(t *testing.T) {
	var b strings.Builder
	for _, name := range Types() {
		fmt.Fprintf(&b, "%s\n", name)
		writeFields(&b, "  ", layouts()[name].of)
	}
	file := filepath.Join("..", "..", "testdata", "event", "fields.golden")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	golden, err := os.ReadFile(file)
	require.NoError(t, err)
	now := map[string]bool{}
	for _, line := range qualified(b.String()) {
		now[line] = true
	}
	for _, line := range qualified(string(golden)) {
		require.True(t, now[line], "%s was written to journals and must be read for ever", line)
	}
	require.Equal(t, string(golden), b.String(), "new fields belong into the golden file: go test ./pkg/event -update")
}

func writeFields(b *strings.Builder, indent string, of reflect.Type) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type
		for kind.Kind() == reflect.Slice && kind.Name() == "" {
			kind = kind.Elem()
		}
		fmt.Fprintf(b, "%s%s %s\n", indent, name, f.Type)
		if kind.Kind() == reflect.Struct && kind != reflect.TypeFor[time.Time]() {
			writeFields(b, indent+"  ", kind)
		}
	}
}

// qualified puts the event's name before each of its fields.
func qualified(text string) []string {
	var out []string
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, " ") {
			name = line
		}
		out = append(out, name+": "+line)
	}
	return out
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"seq":1,"time":"2026-03-01T12:00:00.123456Z","type":"step_succeeded","path":"a","outputs":{"a":{"$float":"1.5"},"b":[1,"x",null]}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := Decode(line)
		if err != nil {
			return
		}
		if _, unknown := e.Body.(Unknown); unknown {
			return
		}
		again, err := e.Encode()
		require.NoError(t, err)
		back, err := Decode(again)
		require.NoError(t, err)
		third, err := back.Encode()
		require.NoError(t, err)
		require.Equal(t, string(again), string(third))
	})
}

// What irctl says itself is written in another way than the rest, and reads the same.
func TestHeadersAreWrittenInOneForm(t *testing.T) {
	for _, path := range []string{"", "a", "rotate[alice@example.com]/verify", `a"b`, `a\b`, "a<b>&c", "täxt", "a\x00b", "a\x7fb", "~"} {
		h := header{noon.Format(timeLayout), "step_succeeded", path, nil, ""}
		want, err := marshalPlain(h)
		require.NoError(t, err)
		got, err := h.encode()
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}

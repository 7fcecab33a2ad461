package drive

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAValueBecomesNoOption: what an expression gives is an option only if the author
// wrote that option, or nothing is one any more; in each of several command lines.
func TestAValueBecomesNoOption(t *testing.T) {
	line := func(texts ...any) []any { return texts }
	const x, chosen = "${{ inputs.x }}", `${{ inputs.x == '-v' ? "--quiet" : "" }}`
	for _, c := range []struct {
		written, worked any
		refused         bool
	}{
		{line("touch", x), line("touch", "-r"), true},
		{line("touch", x+".txt"), line("touch", "-r.txt"), true},
		{line("touch", "-c", x), line("touch", "-c", "--reference=x"), true},
		{line(x, "a"), line("-a", "a"), true},
		{line("ls", chosen), line("ls", "--quiet"), false},
		{line("ls", chosen), line("ls", "--q"), true},
		{line("ls", "${{ steps.my-r.outputs.y }}"), line("ls", "-r"), true},
		{line("touch", "--", x), line("touch", "--", "-r"), false},
		{line("touch", "./"+x), line("touch", "./-r"), false},
		{line("touch", "-"+x), line("touch", "-r"), false},
		{line("touch", "--name="+x), line("touch", "--name=-r"), false},
		{line("sleep", x), line("sleep", int64(-5)), false},
		{line("touch", x), line("touch", "a"), false},
		{x, line("touch", "-r"), false}, // the whole line is the value's
		{line(line("ps", "aux"), line("last", x)), line(line("ps", "aux"), line("last", "-f")), true},
		{line(line("ps", "--"), line("last", x)), line(line("ps", "--"), line("last", "-f")), true},
		{line(line("last", "--", x)), line(line("last", "--", "-f")), false},
	} {
		err := becomesOption(c.written, c.worked)
		require.Equal(t, c.refused, err != nil, "%v %v: %v", c.written, c.worked, err)
	}
}

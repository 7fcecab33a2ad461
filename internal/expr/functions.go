package expr

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// bounded names the functions whose result can be far larger than their
// arguments. CEL would count the cost when the memory is taken already, so
// these are replaced by functions that look before they work.
var bounded = map[string]string{"replace": "@replace", "join": "@join"}

// unbounded is the inverse of bounded, for messages.
var unbounded = strings.NewReplacer("@replace", "replace", "@join", "join")

func boundedFunctions() []cel.EnvOption {
	str, list := cel.StringType, cel.ListType(cel.StringType)
	return []cel.EnvOption{
		cel.Function("@replace",
			cel.MemberOverload("bounded_replace", []*cel.Type{str, str, str}, str, cel.FunctionBinding(replace)),
			cel.MemberOverload("bounded_replace_n", []*cel.Type{str, str, str, cel.IntType}, str, cel.FunctionBinding(replace))),
		cel.Function("@join",
			cel.MemberOverload("bounded_join", []*cel.Type{list}, str, cel.FunctionBinding(join)),
			cel.MemberOverload("bounded_join_sep", []*cel.Type{list, str}, str, cel.FunctionBinding(join))),
	}
}

func replace(args ...ref.Val) ref.Val {
	var texts [3]string
	for i := range texts {
		s, ok := args[i].(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[i])
		}
		texts[i] = string(s)
	}
	n := -1
	if len(args) > 3 {
		limit, ok := args[3].(types.Int)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[3])
		}
		n = int(max(-1, min(limit, maxResult)))
	}
	places := strings.Count(texts[0], texts[1])
	if n >= 0 {
		places = min(places, n)
	}
	if len(texts[0])+places*len(texts[2]) > maxResult {
		return types.NewErr("the text would become too long")
	}
	return types.String(strings.Replace(texts[0], texts[1], texts[2], n))
}

func join(args ...ref.Val) ref.Val {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	var separator types.String
	if len(args) > 1 {
		if separator, ok = args[1].(types.String); !ok {
			return types.MaybeNoSuchOverloadErr(args[1])
		}
	}
	var out strings.Builder
	for i, it := 0, list.Iterator(); it.HasNext() == types.True; i++ {
		e := it.Next()
		s, ok := e.(types.String)
		if !ok {
			return types.NewErr("join needs a list of strings, and element %d is not one", i)
		}
		if i > 0 {
			out.WriteString(string(separator))
		}
		if out.Len()+len(s)+len(separator) > maxResult {
			return types.NewErr("the text would become too long")
		}
		out.WriteString(string(s))
	}
	return types.String(out.String())
}

package compile

import (
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// inputFields lowers declarations. Defaults and bounds are typed first, so
// that a plan holds 5 for an int however it was written.
func inputFields(in []*runbook.Input) []plan.Field {
	var out []plan.Field
	for _, one := range in {
		f := check.FieldOf(one)
		out = append(out, plan.Field{
			Name: f.Name, Type: string(f.Type), Items: string(f.Items), Required: f.Required, Secret: f.Secret, Identifies: one.Identifies,
			Default: typed(f, one.Default), Enum: f.Enum, Pattern: f.Pattern, Min: bound(f, one.Min), Max: bound(f, one.Max),
			Description: f.Description,
		})
	}
	return out
}

func actionFields(in []action.Field) []plan.Field {
	return each.Of(in, func(f action.Field) plan.Field {
		return plan.Field{Name: f.Name, Type: string(f.Type), Items: string(f.Items), Enum: f.Enum, Description: f.Description}
	})
}

func typedField(name string, t expr.Type) plan.Field {
	return plan.Field{Name: name, Type: string(t.Of), Items: string(t.Items)}
}

// fieldOf is the field of a plan as actions know fields.
func fieldOf(f plan.Field) action.Field {
	out := action.Field{
		Name: f.Name, Type: action.Type(f.Type), Items: action.Type(f.Items), Required: f.Required,
		Enum: f.Enum, Pattern: f.Pattern, Description: f.Description,
	}
	if f.Default != nil {
		out.Default = f.Default.Raw
	}
	return out
}

func typed(f action.Field, v *runbook.Value) *plan.Value {
	if v == nil || v.Kind == runbook.Null {
		return nil
	}
	f.Secret = false
	value, problem := coerce.One(f, v.Data())
	if problem != nil {
		value = v.Data() // check has reported it
	}
	out := plan.Of(data.Of(value))
	return &out
}

func bound(f action.Field, v *runbook.Value) *plan.Value {
	switch f.Type {
	case action.String, action.List, action.Map:
		f.Type = action.Int // of the length
	}
	return typed(action.Field{Name: f.Name, Type: f.Type}, v)
}

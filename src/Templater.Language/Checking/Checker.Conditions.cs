namespace Templater.Language;

internal sealed partial class Checker
{
    // Only null and false count as false: an empty list, an empty text and 0 do not, which surprises everybody once.
    private void CheckCondition(ExpressionSyntax condition)
    {
        switch (condition)
        {
            case ExpressionSyntax.Group group:
                CheckCondition(group.Inner);
                break;
            case ExpressionSyntax.Unary { Operator: UnaryOperator.Not } not:
                CheckCondition(not.Operand);
                break;
            case ExpressionSyntax.Binary { Operator: BinaryOperator.And or BinaryOperator.Or } both:
                CheckCondition(both.Left);
                CheckCondition(both.Right);
                break;
            case ExpressionSyntax.Variable or ExpressionSyntax.Member when FixedType(condition) is { Nullable: false } type:
                var text = _source.Slice(condition.Span);
                if (Test(type, text) is { } hint)
                    Report(condition.Span, "always-true", $"\"{text}\" always counts as true: it is a {type}", hint, DiagnosticSeverity.Warning);
                break;
        }
    }

    private static string? Test(TemplateType type, string text) => type switch
    {
        TemplateType.ListOf or TemplateType.MapOf => $"write {text}.size > 0",
        TemplateType.Text => $"write {text} != \"\"",
        TemplateType.Number => $"write {text} != 0",
        TemplateType.ObjectOf => "it is there in every case",
        _ => null,
    };

    // The type of what the model itself holds, as opposed to what a template may have changed.
    private TemplateType? FixedType(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case ExpressionSyntax.Variable variable:
                if (_state.Globals.ContainsKey(variable.Name) || _layers.Exists(layer => layer.With is not null))
                    return null;
                if (_layers.FindLast(layer => layer.Names.ContainsKey(variable.Name)) is { } layer)
                    return layer.IsFunction || layer.Names[variable.Name] is not TemplateType.ObjectOf ? null : layer.Names[variable.Name];
                return _program.Options.Root is { } root && root.IndexOf(variable.Name) is var index and >= 0 ? root.Members[index].Type : null;
            case ExpressionSyntax.Member { IsConditional: false } member:
                return FixedType(member.Target) switch
                {
                    TemplateType.ObjectOf { Nullable: false } typed when typed.Shape.IndexOf(member.Name) is var at and >= 0 => typed.Shape.Members[at].Type,
                    TemplateType.ListOf or TemplateType.MapOf or TemplateType.Text when member.Name == "size" => Define.Number,
                    _ => null,
                };
            default:
                return null;
        }
    }
}

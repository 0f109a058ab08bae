using System.Globalization;

namespace Templater.Language;

// What is said about names and members that are not there.
internal sealed partial class Checker
{
    // Where a template sets its variables first, to tell who reads one too early.
    private Dictionary<(SourceText Source, string Name), TextSpan>? _firstSet;

    private void ReportMember(ExpressionSyntax.Member member, TemplateType target, bool isLenient)
    {
        if (!_program.Options.Strict)
            return;
        // With ?. or ?? it would be null for ever, which is hardly meant.
        var severity = member.IsConditional || isLenient ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error;
        if (target is TemplateType.ObjectOf typed)
            Report(member.NameSpan, "unknown-member", $"\"{member.Name}\" is not a member of {typed.Shape.Name}", MemberHints.For(member.Name, typed.Shape, _program.Options.Root), severity);
        else if (target is TemplateType.ListOf list)
            Report(member.NameSpan, "unknown-member", $"\"{member.Name}\" is not a member of a list", OfList(member, list), severity);
        else if (target is TemplateType.Text or TemplateType.Number or TemplateType.Boolean && !isLenient)
            Report(member.NameSpan, "unknown-member", $"\"{member.Name}\" is not a member of a {(target is TemplateType.Text ? "text" : target with { Nullable = false })}", OfScalar(member, target));
    }

    // A list that the template made may have members of its own.
    private bool IsUnknownOfList(ExpressionSyntax.Member member, TemplateType target) =>
        target is TemplateType.ListOf && member.Name is not ("size" or "empty?") && FixedType(member.Target) is TemplateType.ListOf;

    private string OfList(ExpressionSyntax.Member member, TemplateType.ListOf list)
    {
        if (list.Element is TemplateType.ObjectOf element && element.Shape.IndexOf(member.Name) >= 0)
            return $"each of its items has it: write for x in {_source.Slice(member.Target.Span)}, then x.{member.Name}";
        return IsSize(member.Name) ? "did you mean \"size\"?"
            : FunctionHints.For("array." + member.Name, [], _program.Library) is { Length: > 0 } function ? function
            : _program.Library.TryGet("array", out var array) && array.AsObject()!.TryGet(member.Name, out _) ? $"did you mean \"array.{member.Name}\"?" : "a list has only .size";
    }

    private string OfScalar(ExpressionSyntax.Member member, TemplateType target)
    {
        // string = "a" hides the functions of that name, proxy = 1 the object of the model.
        if (member.Target is ExpressionSyntax.Variable { Name: var name } && IsHidden(name, member.Name))
            return $"\"{name}\" is a variable of this template here: give that another name";
        if (target is not TemplateType.Text)
            return $"a {target with { Nullable = false }} has no members";
        return IsSize(member.Name) ? "did you mean \"size\"?" : FunctionHints.For(member.Name, [], _program.Library) is { Length: > 0 } function ? function : "a text has only .size";
    }

    private bool IsHidden(string name, string member)
    {
        if (_program.Library.TryGet(name, out var library) && library.Reference is NamespaceObject functions && functions.TryGet(member, out _))
            return true;
        return _program.Options.Root is { } root && root.IndexOf(name) is var index and >= 0 && root.Members[index].Type is TemplateType.ObjectOf typed && typed.Shape.IndexOf(member) >= 0;
    }

    private static bool IsSize(string name) => name is "length" or "len" or "count" or "Length" or "Count" or "Size";

    // include header, or header.html: the name of a file without its quotes.
    private bool ReportUnquotedName(ExpressionSyntax? name)
    {
        var first = name;
        while (first is ExpressionSyntax.Member member)
            first = member.Target;
        if (IsFull || _importsUnknown || first is not ExpressionSyntax.Variable variable || _program.Options is not { Strict: true, Root: not null } || OfVariable(variable, isLenient: true) is not TemplateType.Nothing)
            return false;
        Report(variable.Span, "unknown-variable", $"\"{variable.Name}\" is not known", $"the name of a file is a text: write \"{_source.Slice(name!.Span)}\"");
        return true;
    }

    private void ReportVariable(ExpressionSyntax.Variable variable)
    {
        var mistake = RuntimeErrors.UnknownVariable(variable.Span, variable.Name, KnownNames(), _program.Library, _program.Options.Root);
        var early = ReadTooEarly(variable);
        Report(variable.Span, mistake.Id, mistake.Message, early.Length > 0 ? early : mistake.Hint);
    }

    private string ReadTooEarly(ExpressionSyntax.Variable variable)
    {
        if (_firstSet is null)
        {
            _firstSet = [];
            foreach (var (source, tree) in _sources)
                FindSet(source, tree);
        }
        if (!_firstSet.TryGetValue((_source, variable.Name), out var set) || set.End <= variable.Span.Start)
            return "";
        return set.Start <= variable.Span.Start ? $"give it a value before: {variable.Name} = ..."
            : string.Create(CultureInfo.InvariantCulture, $"it gets its value only in line {_source.GetLineAndColumn(set.Start).Line}");
    }

    // Trees may be deeper than the stack.
    private void FindSet(SourceText source, BlockSyntax tree)
    {
        var blocks = new Stack<BlockSyntax>([tree]);
        while (blocks.TryPop(out var block))
        {
            foreach (var statement in block.Statements)
            {
                var target = statement switch
                {
                    StatementSyntax.Expression { Value: ExpressionSyntax.Assignment assignment } => assignment.Target,
                    StatementSyntax.Capture capture => capture.Target,
                    _ => null,
                };
                if (target is ExpressionSyntax.Variable { Name: var name } && (!_firstSet!.TryGetValue((source, name), out var known) || known.Start > statement.Span.Start))
                    _firstSet[(source, name)] = statement.Span;
                foreach (var inner in SyntaxParts.Blocks(statement))
                    blocks.Push(inner);
            }
        }
    }
}

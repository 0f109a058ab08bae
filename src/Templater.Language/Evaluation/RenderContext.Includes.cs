namespace Templater.Language;

internal sealed partial class RenderContext
{
    // No file has such a name.
    private const int LongestName = 4096;
    private const int LongestShown = 100;

    private TemplateValue Include(FunctionDefinition definition, CallArguments arguments, CallPlace place, bool isDirect)
    {
        var span = place.Span;
        if (arguments.Positional.Length == 0 || (definition.Special == SpecialFunction.IncludeJoin && arguments.Positional.Length < 2))
            throw RuntimeErrors.ArgumentCount(place.End, definition.Name, definition.Signature, arguments.Positional.Length);
        if (definition.Special == SpecialFunction.Include)
            return IncludeOne(arguments.Positional[0], arguments, span, isDirect);
        var positional = arguments.Positional;
        if (positional[0].IsNull)
            return TemplateValue.EmptyText;
        var parts = new List<TemplateValue>();
        foreach (var name in Sequence.Of(positional[0], this, span))
            parts.Add(IncludeOne(name, new CallArguments([name], null), span, isDirect: false));
        // A separator or frame may be a template itself: "tpl:name".
        TemplateValue Piece(int at)
        {
            const string mark = "tpl:";
            if (at >= positional.Length)
                return TemplateValue.EmptyText;
            if (positional[at].AsText() is not { } text || !text.StartsWith(mark, StringComparison.Ordinal))
                return positional[at];
            var name = TemplateValue.FromText(text[mark.Length..], TaintRules.Changed(positional[at].Taint));
            return IncludeOne(name, new CallArguments([name], null), span, isDirect: false);
        }
        var separator = Piece(1);
        BeginCapture();
        Print(Piece(2), span);
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0)
                Print(separator, span);
            Print(parts[i], span);
        }
        Print(Piece(3), span);
        return EndCapture();
    }

    private TemplateValue IncludeOne(TemplateValue name, CallArguments arguments, TextSpan span, bool isDirect)
    {
        var text = name.IsNull ? "" : ToText(name);
        if (text.Length > LongestName)
            throw RuntimeErrors.IncludeMissing(span, text[..LongestShown] + "...", Options.Loader is not null);
        EnterCall(span);
        var body = Program.LoadInclude(text, Source.IncludingPath) ?? throw RuntimeErrors.IncludeMissing(span, text, Options.Loader is not null);
        Includes.Push((Source, span));
        if (body.Error is { } broken)
            throw new IncludeParseException(broken);
        CountWork(body.Body!.Work);
        CountText(body.Source.Text.Length);
        var frame = new Frame(this, body.Body!, new TemplateValue[body.Body!.SlotCount]) { Arguments = arguments.Positional, NamedArguments = arguments.Named };
        foreach (var (key, value) in arguments.Named?.Members ?? [])
            if (frame.Body.Locals.TryGetValue("$" + key.AsText(), out var slot))
                frame.Slots[slot] = value;
        var (scopes, source) = (ScopeCount, Source);
        var indent = Output.Indent;
        Source = frame.Body.Source;
        if (!isDirect)
            BeginCapture();
        var flow = frame.Body.Block.Execute(frame);
        var captured = isDirect ? default : EndCapture();
        Output.Indent = indent;
        Source = source;
        PopScopes(scopes);
        Includes.Pop();
        LeaveCall();
        return flow == Flow.Return && !frame.Result.IsNull && captured.AsText() is null or "" ? frame.Result : captured;
    }
}

/// <summary>An included template has parse errors: its first diagnostic becomes the error of the render.</summary>
internal sealed class IncludeParseException(Diagnostic diagnostic) : Exception(diagnostic.Message)
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}

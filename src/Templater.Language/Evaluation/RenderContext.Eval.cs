namespace Templater.Language;

internal sealed partial class RenderContext
{
    // A compiled text takes about a hundred bytes for each of its characters.
    private const int MostKeptCharacters = 65_536;

    private readonly Dictionary<(bool IsScript, string Text, string IncludingPath), IncludedTemplate> _evaluated = [];
    private int _evaluatedCharacters;

    /// <summary>Runs a text as part of this render, for <c>object.eval</c> and <c>object.eval_template</c>: with its names and within its limits.</summary>
    /// <remarks>A text from a container is never run where quoting matters: what it writes as a constant could not be told from what the author wrote.</remarks>
    public TemplateValue Evaluate(FunctionCall call, bool isScript)
    {
        if (call[0].AsText() is not { } text)
            return call[0];
        if (call[0].Taint != Taint.Clean && Options.Format is not null)
            throw call.Error("a text from a container cannot be run", "write the program in the template");
        var place = call.Place.Of(call.Definition, 0);
        EnterCall(place);
        var mark = Here;
        var program = Compiled(text, isScript, place);
        if (program.Error is { } error)
            throw Failed(call, program.Source, error.Span, new TemplateRuntimeException(IsLimit(error.Id) ? error.Id : "function-failed", error.Message, null, error.Hint));
        // Thrown when the mistake inside is over: mistakes within mistakes would need stack for each text within a text.
        TemplateRuntimeException failed;
        try
        {
            var result = Run(program.Body!, isCaptured: !isScript || call[0].Taint != Taint.Clean);
            LeaveCall();
            return call[0].Taint == Taint.Clean ? result : Tainting.Apply(result, call);
        }
        catch (TemplateRuntimeException mistake)
        {
            // The place inside the text says nothing to who reads the template: the text may come from anywhere.
            var inside = (Source, mistake.Span ?? default);
            GoBack(mark);
            failed = Failed(call, inside.Source, inside.Item2, mistake);
        }
        catch (IncludeParseException broken)
        {
            GoBack(mark);
            failed = Failed(call, broken.Diagnostic.Source, broken.Diagnostic.Span, new TemplateRuntimeException("function-failed", broken.Message, null));
        }
        throw failed;
    }

    private static bool IsLimit(string id) => id.StartsWith("limit-", StringComparison.Ordinal);

    private IncludedTemplate Compiled(string text, bool isScript, TextSpan place)
    {
        // Reading costs about as much as a turn of a loop for every few characters. Counted also when it was read before: what an earlier
        // render has left must not decide whether this one comes to its end.
        CountIterations(text.Length / 16, place);
        // The same text may run in templates of several folders, each with includes of its own.
        var key = (isScript, text, Source.IncludingPath);
        if (_evaluated.TryGetValue(key, out var known))
            return known;
        var compiled = Program.CompileText(new SourceText("text", text) { IncludingPath = Source.IncludingPath }, Names, isScript);
        // Each counts as a few characters more than it has, so that their number is bounded too.
        var length = text.Length + 64;
        if (length > MostKeptCharacters / 4)
            return compiled;
        if (_evaluatedCharacters + length > MostKeptCharacters)
            ForgetTexts();
        _evaluatedCharacters += length;
        return _evaluated[key] = compiled;
    }

    private void ForgetTexts()
    {
        _evaluated.Clear();
        _evaluatedCharacters = 0;
    }

    private TemplateValue Run(Body body, bool isCaptured)
    {
        var frame = new Frame(this, body, new TemplateValue[body.SlotCount]);
        var (scopes, source, indent) = (ScopeCount, Source, Output.Indent);
        CountWork(body.Work);
        Source = body.Source;
        if (isCaptured)
            BeginCapture();
        var flow = body.Block.Execute(frame);
        var captured = isCaptured ? EndCapture() : default;
        (Source, Output.Indent) = (source, indent);
        PopScopes(scopes);
        return flow == Flow.Return && captured.AsText() is null or "" ? frame.Result : captured;
    }

    private static TemplateRuntimeException Failed(FunctionCall call, SourceText source, TextSpan span, TemplateRuntimeException mistake)
    {
        var (line, column) = source.GetLineAndColumn(span.Start);
        // Of texts inside texts the innermost one says most.
        var message = mistake.IsInText ? mistake.Message : $"{call.Definition.Name}: {mistake.Message} (line {line}, column {column} of the {source.Path})";
        return new TemplateRuntimeException(mistake.Id, message, call.Place.Of(call.Definition, 0), mistake.Hint) { IsInText = true };
    }
}

namespace Templater.Language;

internal sealed partial class RenderContext
{
    /// <summary>Where a render is, to go on from there after a mistake.</summary>
    public readonly record struct Mark(int Depth, int LoopDepth, int Scopes, int Outputs, int Includes, int Arguments, SourceText Source, TemplateObject? Owner, string? Indent);

    public Mark Here => new(_depth, _loopDepth, ScopeCount, _outputs.Count, Includes.Count, _argumentCount, Source, Owner, Output.Indent);

    /// <summary>Leaves everything that was entered since the mark.</summary>
    public void GoBack(Mark mark)
    {
        (_depth, _loopDepth, Source, Owner) = (mark.Depth, mark.LoopDepth, mark.Source, mark.Owner);
        PopScopes(mark.Scopes);
        while (_outputs.Count > mark.Outputs)
        {
            _freeBuffers.Push(Output);
            Output = _outputs.Pop();
        }
        while (Includes.Count > mark.Includes)
            Includes.Pop();
        ReleaseArguments(mark.Arguments, _argumentCount - mark.Arguments);
        Output.Indent = mark.Indent;
    }
}

/// <summary>A statement whose mistake is printed instead of ending the render. Limits end it all the same.</summary>
internal sealed class ForgivingNode(StatementNode statement, Func<TemplateRuntimeException, string> print) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var mark = frame.Context.Here;
        try
        {
            return statement.Execute(frame);
        }
        // A mistake may tell a text from a container: where quoting matters it is not printed.
        catch (TemplateRuntimeException mistake) when (frame.Context.Options.Format is null && !mistake.Id.StartsWith("limit-", StringComparison.Ordinal))
        {
            frame.Context.GoBack(mark);
            frame.Context.Output.Write(print(mistake));
            return Flow.Next;
        }
    }
}

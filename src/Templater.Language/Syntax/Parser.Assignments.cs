namespace Templater.Language;

internal sealed partial class Parser
{
    // A statement's expression: assignments are allowed here only. Null when nothing could be read.
    private ExpressionSyntax? ParseAssignable()
    {
        var start = Current.Start;
        SkipValueName();
        _assignableAt = _position;
        var target = ParseExpression();
        if (target is ExpressionSyntax.Missing)
            return null;
        if (Current.Kind == TokenKind.Colon && target is not (ExpressionSyntax.Variable or ExpressionSyntax.Local or ExpressionSyntax.Call))
            _diagnostics.NamedArgumentTarget(target.Span);
        if (!SyntaxFacts.IsAssignment(Current.Kind))
            return target;
        var isGroup = target is ExpressionSyntax.Group;
        while (target is ExpressionSyntax.Group group)
            target = group.Inner;
        var isWrong = !IsAssignable(target) && (isGroup || target is not ExpressionSyntax.Call { Target: ExpressionSyntax.Variable or ExpressionSyntax.Local });
        if (isWrong && !isGroup)
            _diagnostics.NotAssignable(target.Span);
        var op = Take();
        SkipValueName();
        var value = ParseExpression();
        if (isWrong && isGroup)
            _diagnostics.NotAssignable(target.Span);
        return new ExpressionSyntax.Assignment(From(start), target, SyntaxFacts.CompoundAssignment(op.Kind), value);
    }

    // A value may have a name, as if it were an argument: it means nothing, so it is a mistake where mistakes are looked for.
    private void SkipValueName()
    {
        if (_isStrict || Current.Kind != TokenKind.Identifier || Next.Kind != TokenKind.Colon)
            return;
        Take();
        Take();
    }

    // Index of the token that begins a statement: only what begins there can be assigned.
    private int _assignableAt = -1;

    private void SkipAssignment(ExpressionSyntax target)
    {
        if (target is not ExpressionSyntax.Missing)
            _diagnostics.AssignmentInside(target.Span);
        Take();
        ParseExpression();
    }

    // The arguments as a whole, $, and a wrapped block, $$, are what they are.
    private static bool IsAssignable(ExpressionSyntax target) => target is ExpressionSyntax.Variable or ExpressionSyntax.Local { Name: not ("$" or "$$") }
        or ExpressionSyntax.Member { IsConditional: false } or ExpressionSyntax.Index { IsConditional: false } or ExpressionSyntax.Missing;
}

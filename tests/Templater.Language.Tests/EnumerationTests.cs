namespace Templater.Language.Tests;

/// <summary>Nothing may be forgotten: each kind of token is read, each function is documented.</summary>
internal sealed class EnumerationTests
{
    private static IEnumerable<TokenKind> FixedTokens => Enum.GetValues<TokenKind>().Where(k => SyntaxFacts.Text(k) is not null && k is not (TokenKind.CodeEnter or TokenKind.CodeExit or TokenKind.CloseBrace));

    [TestCaseSource(nameof(FixedTokens))]
    public void ReadsEveryTokenOfFixedText(TokenKind kind)
    {
        var diagnostics = new DiagnosticBag(new SourceText("t", "{{ " + SyntaxFacts.Text(kind) + " }}"));
        using var tokens = Lexer.ReadTemplate(diagnostics.Source, diagnostics);
        Assert.That(tokens.ToList().Select(t => t.Kind), Has.Some.EqualTo(kind));
    }

    [Test]
    public void ReadsEveryOtherKindOfToken()
    {
        var text = "text{{ a $b 1 0x1 0b1 1.5 'a' `b` $'c' $\"d{1}e{2}f\" {\n}; € ";
        var diagnostics = new DiagnosticBag(new SourceText("t", text));
        using var tokens = Lexer.ReadTemplate(diagnostics.Source, diagnostics);
        var read = tokens.ToList().Select(t => t.Kind).ToHashSet();
        read.UnionWith(FixedTokens);
        read.Add(TokenKind.CodeExit);
        Assert.That(Enum.GetValues<TokenKind>().Where(k => !read.Contains(k)), Is.Empty);
    }

    [Test]
    public void EveryBinaryOperatorHasOneToken()
    {
        Assert.That(Enum.GetValues<BinaryOperator>().Select(SyntaxFacts.Text), Is.Unique.And.None.Empty);
    }

    // Every pair of operators groups by precedence, and to the left when it is equal.
    [Test]
    public void EveryPairOfOperatorsGroupsByPrecedence()
    {
        var operators = Enum.GetValues<TokenKind>().Where(k => SyntaxFacts.Binary(k).Precedence > 0).ToList();
        foreach (var first in operators)
        {
            foreach (var second in operators)
            {
                var bag = new DiagnosticBag(new SourceText("t", $"{{{{ a {SyntaxFacts.Text(first)} b {SyntaxFacts.Text(second)} c }}}}"));
                var tree = Parser.ParseTemplate(bag.Source, bag, RenderLimits.Default);
                var top = (ExpressionSyntax.Binary)tree.Statements.OfType<StatementSyntax.Expression>().Single().Value;
                var isLeft = SyntaxFacts.Binary(first).Precedence >= SyntaxFacts.Binary(second).Precedence;
                Assert.That(top.Operator, Is.EqualTo(SyntaxFacts.Binary(isLeft ? second : first).Operator), bag.Source.Text);
            }
        }
    }

    [Test]
    public void EveryBuiltinIsDocumented()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Builtins.All.Where(f => f.Documentation.Length < 10 || !f.Documentation.EndsWith('.')).Select(f => f.Name), Is.Empty);
            Assert.That(Builtins.All.Select(f => f.Name), Is.Unique);
            Assert.That(Builtins.All, Has.Length.GreaterThan(100));
        }
    }
}

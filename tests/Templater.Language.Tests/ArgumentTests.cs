namespace Templater.Language.Tests;

/// <summary>Which of several wrong arguments a message is about.</summary>
public sealed class ArgumentTests
{
    [TestCase("{{ «1» | array.join ('a' - 'b') }}", "\"list\" must be a list, not 1")]
    [TestCase("{{ [1] | array.join ('a' «-» 'b') }}", "\"-\" cannot be used between \"a\" and \"b\"")]
    [TestCase("{{ [1] | array.limit «'a'» }}", "\"count\" must be a whole number, not \"a\"")]
    [TestCase("{{ math.round «'a'» ('b' - 1) }}", "\"value\" must be a number, not \"a\"")]
    [TestCase("{{ math.round «[1]» ('b' - 1) }}", "\"value\" must be a number, not a list")]
    [TestCase("{{ math.plus 'a' ('b' «-» 1) }}", "\"-\" cannot be used between \"b\" and 1")]
    [TestCase("{{ 'a' | «string.size» (1 - 'b') }}", "string.size cannot take 2 arguments")]
    [TestCase("{{ 'a' | «string.size» x y z }}", "string.size cannot take 4 arguments")]
    [TestCase("{{ «string.size» 'a' ^['b'] }}", "string.size cannot take 2 arguments")]
    [TestCase("{{ 'a' | «string.size» ^['b', 'c'] }}", "string.size cannot take 3 arguments")]
    [TestCase("{{ string.size 'a' ^(1 «-» 'b') }}", "\"-\" cannot be used between 1 and \"b\"")]
    [TestCase("{{ f = @array.join; f «1» ('a' - 'b') }}", "\"list\" must be a list, not 1")]
    [TestCase("{{ f = @array.join; «f» [1] 'a' null ('a' - 'b') }}", "array.join cannot take 4 arguments")]
    public void TheFirstCounts(string annotated, string message)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var text = annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);
        var error = Template.Parse(new SourceText("t", text), new LanguageOptions { Strict = false }).Template!.Render(new MapObject()).Error;
        Assert.That(error?.Diagnostic.Message, Does.EndWith(message));
        Assert.That(error!.Diagnostic.Span.Start, Is.EqualTo(start));
    }

    [Test]
    public void ALimitIsNoMistakeInAnArgumentBeforeIt()
    {
        var options = new LanguageOptions { Strict = false, Limits = new RenderLimits { LoopIterations = 5 } };
        var error = Template.Parse(new SourceText("t", "{{ [1] | array.join (1..9 | array.join ',') }}"), options).Template!.Render(new MapObject()).Error!;
        Assert.That(error.Diagnostic.Id, Is.EqualTo("limit-loop"));
    }
}

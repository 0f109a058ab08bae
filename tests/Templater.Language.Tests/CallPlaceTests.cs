namespace Templater.Language.Tests;

/// <summary>Where the mistakes of calls are shown when they run: «» around the place in the source.</summary>
public sealed class CallPlaceTests
{
    // The function failed: it, with its own arguments, without what is piped into it.
    [TestCase("{{ «string.replace 'a' '' 'x'» }}")]
    [TestCase("{{ 'a' | «string.replace '' 'x'» }}")]
    [TestCase("{{ 'a' | string.upcase | «regex.match '['» | array.size }}")]
    [TestCase("{{ null | «date.add_days 1» }}")]
    // An argument is wrong.
    [TestCase("{{ «5» | array.size }}")]
    [TestCase("{{ 'a' | string.slice «'x'» }}")]
    [TestCase("{{ string.slice 'a' 0 «'x'» }}")]
    [TestCase("{{ [1] | array.each «5» }}")]
    [TestCase("{{ string.index_of 'a' 'b' «start_index: 9» }}")]
    [TestCase("{{ string.pad_left 'a' «(-1)» }}")]
    [TestCase("{{ string.pad_left «^['a', 'b']» }}")]
    // The first wrong one counts, also when there are too many or too few.
    [TestCase("{{ «5» | array.join ',' 6 }}")]
    [TestCase("{{ «5» | array.limit }}")]
    [TestCase("{{ date.to_string «'a'» 'b' 'c' 'd' }}")]
    // In a row of pipes it is what the last one gave.
    [TestCase("{{ [1] | «array.size» | array.join ',' }}")]
    [TestCase("{{ 1 | «math.plus 2 == 3» | array.size }}")]
    // Too few: where the next one would stand.
    [TestCase("{{ string.upcase«» }}")]
    [TestCase("{{ string.upcase()«» }}")]
    [TestCase("{{ 'a' | string.replace 'b'«» }}")]
    [TestCase("{{ x = @math.round; x«» }}")]
    [TestCase("{{ func f(a, b); ret a; end; 1 | f«» }}")]
    [TestCase("{{ func f(a, b); ret a; end; f a:1«» }}")]
    [TestCase("{{ include«» }}")]
    // Too many: the function of the language, the last argument for one of the template.
    [TestCase("{{ 'a' | «string.upcase 'b'» }}")]
    [TestCase("{{ func f(a); ret a; end; f 1 «2» }}")]
    [TestCase("{{ func f(a); ret a; end; f(1, 2, «3») }}")]
    [TestCase("{{ func f(a); ret a; end; f ^[1, 2]«» }}")]
    // A text that is run: the argument that holds it.
    [TestCase("{{ «'1 +'» | object.eval }}")]
    [TestCase("{{ object.eval «'1 + nope.x'» }}")]
    [TestCase("{{ 'a' | «include» }}")]
    public void PointsAtThePlace(string annotated)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var end = annotated.IndexOf('»', StringComparison.Ordinal) - 1;
        var text = annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);
        var parsed = Template.Parse(new SourceText("t", text), new LanguageOptions { Strict = false });
        Assert.That(parsed.Template, Is.Not.Null, string.Join('\n', parsed.Diagnostics));
        var mistake = parsed.Template!.Render(new MapObject()).Error?.Diagnostic;
        Assert.That(mistake?.Span, Is.EqualTo(TextSpan.FromBounds(start, end)), mistake?.ToString());
    }

    [Test]
    public void SaysThePlaceInsideATextThatIsRun()
    {
        var template = Template.Parse(new SourceText("t", "{{ x = \"1\\n+ [] - 2\"; \"x | object.eval\" | object.eval }}"), new LanguageOptions()).Template!;
        Assert.That(template.Render(new MapObject()).Error?.Diagnostic.Message, Does.StartWith("object.eval: ").And.EndsWith("(line 2, column 3 of the text)").And.Not.Contain("of the text) ("));
    }
}

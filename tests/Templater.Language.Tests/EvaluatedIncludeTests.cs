namespace Templater.Language.Tests;

/// <summary>A text that is run includes what the template that runs it would.</summary>
public sealed class EvaluatedIncludeTests
{
    private static readonly Dictionary<string, string> Parts = new(StringComparer.Ordinal)
    {
        ["main/part"] = "main",
        ["sub/part"] = "sub",
        ["sub/evaluates"] = "{{ object.eval \"include 'part'\" }}",
        ["sub/declares"] = "{{ object.eval \"func f; include 'part'; end\" }}",
        ["sub/nests"] = "{{ object.eval_template \"{{ object.eval `include 'part'` }}\" }}",
    };

    [TestCase("{{ object.eval \"include 'part'\" }}", "main")]
    [TestCase("{{ object.eval_template \"{{ include 'part' }}\" }}", "main")]
    [TestCase("{{ include 'sub/evaluates' }}", "sub")]
    [TestCase("{{ object.eval \"include 'part'\"; include 'sub/evaluates'; object.eval \"include 'part'\" }}", "mainsubmain")]
    [TestCase("{{ include 'sub/declares'; f }}", "sub")]
    [TestCase("{{ include 'sub/nests' }}", "sub")]
    [TestCase("{{ object.eval \"include_join ['part', 'part'] '+'\" }}", "main+main")]
    public void LooksInTheFolderOfTheTemplateThatRunsIt(string text, string expected)
    {
        var template = Template.Parse(new SourceText("main/template", text), new LanguageOptions { Loader = new Folders() }).Template!;
        var result = template.Render(new MapObject());
        Assert.That(result.Text, Is.EqualTo(expected), result.Error?.Diagnostic.ToString());
    }

    [Test]
    public void AMissingOneIsAMistakeOfTheCall()
    {
        var template = Template.Parse(new SourceText("main/template", "{{ object.eval \"include 'nope'\" }}"), new LanguageOptions { Loader = new Folders() }).Template!;
        Assert.That(template.Render(new MapObject()).Error?.Diagnostic.Message, Does.Contain("nope").And.Contain("of the text"));
    }

    private sealed class Folders : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom)
        {
            var path = name.Contains('/', StringComparison.Ordinal) ? name : includedFrom[..(includedFrom.LastIndexOf('/') + 1)] + name;
            return Parts.TryGetValue(path, out var text) ? new LoadedTemplate(path, text) : null;
        }
    }
}

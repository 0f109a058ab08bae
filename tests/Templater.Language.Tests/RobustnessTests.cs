namespace Templater.Language.Tests;

internal sealed class RobustnessTests
{
    private static IEnumerable<TestCaseData> AllBuiltins => Builtins.All.Select(f => new TestCaseData(f).SetName("Odd arguments of " + f.Name));

    [TestCaseSource(nameof(AllBuiltins))]
    public void NoArgumentsMakeABuiltinThrow(FunctionDefinition definition)
    {
        TemplateValue[] odd =
        [
            TemplateValue.Null, TemplateValue.True, TemplateValue.From(0), TemplateValue.From(-1), TemplateValue.From(long.MaxValue), TemplateValue.From(long.MinValue), TemplateValue.From(1.5),
            TemplateValue.From(double.NaN), TemplateValue.From(double.PositiveInfinity), TemplateValue.From(12.5m), TemplateValue.From(System.Numerics.BigInteger.Pow(10, 40)),
            TemplateValue.FromText(""), TemplateValue.FromText("abc"), TemplateValue.FromText("\ud800"), TemplateValue.FromText("\"\\ud800\""), TemplateValue.FromText("(["), TemplateValue.FromText("%"),
            TemplateValue.FromText("D"), TemplateValue.From(new TemplateList([TemplateValue.FromText("\udc00"), TemplateValue.From(2), TemplateValue.Null])),
            TemplateValue.From(new MapObject([new("\ud800", TemplateValue.From(1))])), TemplateValue.From(DateTimeOffset.MaxValue), TemplateValue.From(TimeSpan.MinValue),
            TemplateValue.FromReference(new TemplateRange(long.MinValue, long.MaxValue)), TemplateValue.From(new DefinedFunction(definition)),
        ];
        var limits = new RenderLimits { LoopIterations = 1000, StringCharacters = 2000, OutputCharacters = 2000, Recursion = 10 };
        for (var count = 1; count <= Math.Min(3, definition.Parameters.Length + (definition.HasRest ? 1 : 0)); count++)
        {
            var names = new[] { "a", "b", "c" }.Take(count);
            var template = Template.Parse(new SourceText("t", $"{{{{ r = {definition.Name}({string.Join(", ", names)}); r; r | object.to_json }}}}"), new LanguageOptions { Limits = limits }).Template!;
            var combinations = (int)Math.Pow(odd.Length, Math.Min(count, 2));
            for (var i = 0; i < combinations; i++)
            {
                TemplateValue[] arguments = [odd[i % odd.Length], odd[i / odd.Length % odd.Length], odd[(i * 7) % odd.Length]];
                var model = new MapObject([new("a", arguments[0]), new("b", arguments[1]), new("c", arguments[2])]);
                Assert.That(() => template.Render(model), Throws.Nothing, $"{definition.Name} {string.Join(' ', arguments.Select(ValueText.Describe))}");
            }
        }
    }

    // Every operator between every two kinds of values: a value or a message.
    [Test]
    public void NoOperandsMakeAnOperatorThrow()
    {
        string[] operands =
        [
            "null", "true", "0", "-1", "9223372036854775807", "1e40", "1.5", "2.5f", "3.25m", "79228162514264337593543950335m", "1e308", "\"\"", "\"a\"", "[]", "[1, 2]", "(1..3)", "({a:1})", "empty",
            "(date.parse '2020-01-01')", "(timespan.from_days 10000000)", "@string.upcase", "(1.5 / 0)",
        ];
        var limits = new RenderLimits { LoopIterations = 1000, StringCharacters = 5000, OutputCharacters = 5000 };
        foreach (var op in Enum.GetValues<BinaryOperator>())
        {
            foreach (var left in operands)
            {
                foreach (var right in operands)
                {
                    var text = $"{{{{ x = {left} {SyntaxFacts.Text(op)} {right}; x; -x }}}}";
                    var template = Template.Parse(new SourceText("t", text), new LanguageOptions { Limits = limits }).Template!;
                    Assert.That(() => template.Render(new MapObject()), Throws.Nothing, text);
                }
            }
        }
    }
}

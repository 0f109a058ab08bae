namespace Templater.Language.Conformance;

/// <summary>Answers cases of a Scriban conformance corpus, and measures parse and render.</summary>
internal static class Program
{
    private const string Usage = """
        usage: Templater.Language.Conformance batch                    one JSON case a line on standard input, one JSON answer a line on standard output
               Templater.Language.Conformance bench TEMPLATE MODEL N   medians of N parses and N renders, as one JSON line
        """;

    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["batch"]:
                Batch.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
                return 0;
            case ["bench", var template, var model, var count] when int.TryParse(count, out var turns) && turns > 0:
                Console.WriteLine(Bench.Run(File.ReadAllText(template), File.ReadAllText(model), turns));
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }
}
